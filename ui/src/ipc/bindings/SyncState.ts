export type SyncState = "local" | "connecting" | "upToDate" | "sending" | "offline" | "trouble";
