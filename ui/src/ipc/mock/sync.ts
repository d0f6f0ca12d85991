// What a core in memory tells of sync, so that every state of it can be looked at in a browser.
import type { SyncDetails, SyncState, SyncStatus } from "../types";

export function syncDetailsOf(state: SyncState): Omit<SyncDetails, keyof SyncStatus> {
  if (state === "local") return { setAside: [], freshness: [], findings: [], elsewhere: [] };
  const laptop = { id: "d2", name: "Laptop", this: false };
  const desktop = { id: "d3", name: "Old desktop", this: false };
  const confirmed = "2026-11-22T08:00:00Z";
  const freshness = [
    { device: laptop, confirmed, confirmedAgoS: 7_260, unconfirmed: 0 },
    { device: desktop, confirmed, confirmedAgoS: 864_000, unconfirmed: 4 },
  ];
  if (state !== "trouble") return { setAside: [], freshness, findings: [], elsewhere: [] };
  return {
    freshness,
    elsewhere: [],
    setAside: [
      {
        calendar: "Work",
        reason: "gap",
        count: 2,
        message:
          "Something that came before these is missing. They are kept and shown as soon as it comes. Connect your other devices.",
      },
    ],
    findings: [
      {
        kind: "withheld",
        calendar: "Work",
        device: laptop,
        first: "2026-11-20T08:00:00Z",
        last: confirmed,
        hasEvidence: false,
        message:
          "The relay does not show changes of “Laptop” that another of your devices has already seen. What is here is safe, but may not be all there is. Connect that device; if this stays, ask whoever runs the relay.",
      },
    ],
  };
}
