export type ImportProblem = { line: number | null, uid: string | null, message: string, };
