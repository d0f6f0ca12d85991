export type ErrorView = { code: string, message: string, };
