import type { SyncState } from "./SyncState";

export type SyncStatus = { outbox: number, quarantined: number, streams: number, connected: boolean, devices: number, relay: string | null, state: SyncState, message: string | null, };
