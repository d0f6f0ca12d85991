export type ImportIcs = { calendar: string, name: string, bytes: Array<number>, };
