import { describe, expect, it } from "vitest";
import type { AllDayBar, TimedBlock } from "../ipc/types";
import { Formats } from "./format";
import { barName, blockName } from "./names";
import { syncSentence } from "./sync-words";
import type { SyncStatus } from "../ipc/types";

const formats = new Formats({ locale: "en-GB", hourCycle: "h23", firstDay: 1 });

const shared = {
  occurrence: "a@0",
  event: "a",
  calendar: "work",
  color: "indigo",
  title: "Stand-up",
  place: "",
  repeats: true,
  status: "confirmed" as const,
  pending: false,
  startsBefore: false,
  endsAfter: false,
};
const block: TimedBlock = {
  ...shared,
  day: 0,
  startMinute: 540,
  endMinute: 555,
  start: "2026-11-23T09:00",
  end: "2026-11-23T09:15",
};
const bar: AllDayBar = {
  ...shared,
  firstDay: 0,
  lastDay: 1,
  start: "2026-11-23",
  end: "2026-11-25",
};

describe("accessible names", () => {
  it("tell the day, the time, the calendar and that it repeats", () => {
    expect(blockName(block, "Work", formats)).toBe(
      "Stand-up, Monday 23 November, 09:00 to 09:15, Work calendar, repeats",
    );
  });

  it("tell both days of what runs past midnight", () => {
    const late = { ...block, start: "2026-11-23T23:00", end: "2026-11-24T01:00", repeats: false };
    expect(blockName(late, "Work", formats)).toContain("23:00 to Tuesday 24 November 01:00");
  });

  it("tell the last day of whole days, not the day after", () => {
    expect(barName(bar, "Work", formats)).toContain(
      "Monday 23 November to Tuesday 24 November, all day",
    );
  });

  it("tell what else colour or pattern would say", () => {
    const odd = { ...block, title: "", status: "tentative" as const, pending: true };
    expect(blockName(odd, "Work", formats)).toMatch(/^Untitled, .*tentative, waiting to sync$/);
  });
});

describe("sync in words", () => {
  const status: SyncStatus = {
    outbox: 0,
    quarantined: 0,
    toKnow: 0,
    streams: 1,
    connected: true,
    devices: 2,
    relay: "wss://relay.example.org",
    state: "upToDate",
    message: null,
  };
  const cases: [Partial<SyncStatus>, string][] = [
    [{ state: "local", relay: null, devices: 1 }, "On this device only"],
    [{}, "Up to date · 2 devices"],
    [{ devices: 1 }, "Up to date"],
    [{ toKnow: 1 }, "Up to date · 1 thing to know"],
    [{ state: "sending", outbox: 3 }, "3 changes waiting"],
    [{ state: "sending", outbox: 1 }, "1 change waiting"],
    [{ state: "offline", connected: false }, "Relay not reachable · everything is saved here"],
    [{ state: "connecting" }, "Connecting to the relay"],
    [{ state: "trouble" }, "Sync needs a look · everything is saved here"],
  ];
  it.each(cases)("says %o as “%s”", (change, text) => {
    expect(syncSentence({ ...status, ...change }).text).toBe(text);
  });

  it("does not keep from the person what was set aside", () => {
    expect(syncSentence({ ...status, quarantined: 2 }).detail).toContain("2 changes");
  });
});
