import type { SyncStatus } from "./SyncStatus";

export type Notice = { "kind": "changed", revision: number, calendars: Array<string>, } | { "kind": "sync", status: SyncStatus, };
