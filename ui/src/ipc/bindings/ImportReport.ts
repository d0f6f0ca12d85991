import type { ImportProblem } from "./ImportProblem";

export type ImportReport = { imported: number, updated: number, unchanged: number, problems: Array<ImportProblem>, };
