export type ViewQuery = { from: string, to: string, zone?: string, calendars?: Array<string>, };
