export type Done = { revision: number, event: string | null, undo: number | null, };
