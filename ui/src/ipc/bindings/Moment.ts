export type Moment = { date: string, minute: number, };
