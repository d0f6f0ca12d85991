export type Guest = { name: string, address: string, status: string, };
