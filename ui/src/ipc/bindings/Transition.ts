export type Transition = { atMinute: number, deltaMinutes: number, };
