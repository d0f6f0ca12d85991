import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WhenView } from "../ipc/types";
import { dateOf, dateTimeText } from "./civil";
import {
  draftMinutes,
  draftOf,
  endAt,
  endOn,
  isSound,
  shifted,
  startAt,
  startOn,
  timedDraft,
  whenOf,
  withAllDay,
} from "./when";

const ZONE = "Europe/Berlin";

const whens: fc.Arbitrary<WhenView> = fc
  .tuple(
    fc.constantFrom("allDay", "timed", "floating"),
    fc.integer({ min: 0, max: 40_000 }),
    fc.integer({ min: 0, max: 1439 }),
    fc.integer({ min: 1, max: 5000 }),
  )
  .map(([kind, day, minute, length]): WhenView => {
    const start = dateTimeText(dateOf(day), minute);
    const end = dateTimeText(dateOf(day), minute + length);
    if (kind === "timed") return { kind, start, end, zone: ZONE };
    if (kind === "floating") return { kind, start, end };
    return { kind: "allDay", start: dateOf(day), end: dateOf(day + 1 + (length % 9)) };
  });

describe("the time of a draft", () => {
  it("comes back from the fields as it went in", () => {
    fc.assert(
      fc.property(whens, (when) => {
        expect(whenOf(draftOf(when, ZONE))).toEqual(when);
      }),
    );
  });

  it("keeps its length when the start moves", () => {
    fc.assert(
      fc.property(whens, fc.nat(1439), fc.nat(20_000), (when, minute, day) => {
        const draft = draftOf(when, ZONE);
        expect(draftMinutes(startOn(draft, dateOf(day)))).toBe(draftMinutes(draft));
        if (!draft.allDay) expect(draftMinutes(startAt(draft, minute))).toBe(draftMinutes(draft));
      }),
    );
  });

  it("runs into the next day where the end comes before the start", () => {
    const draft = timedDraft("2026-11-25", 23 * 60, 60, ZONE);
    expect(draft.endDate).toBe("2026-11-26");
    expect(endAt(draft, 1 * 60)).toMatchObject({ endDate: "2026-11-26", endMinute: 60 });
    expect(endAt(draft, 23 * 60 + 30)).toMatchObject({ endDate: "2026-11-25", endMinute: 1410 });
  });

  it("has its time of day again after having been a whole day", () => {
    const draft = timedDraft("2026-11-25", 600, 90, ZONE);
    expect(withAllDay(withAllDay(draft, true), false)).toEqual(draft);
  });

  it("never ends before it starts as whole days", () => {
    const draft = withAllDay(timedDraft("2026-11-25", 600, 60, ZONE), true);
    expect(endOn(draft, "2026-11-20").endDate).toBe("2026-11-25");
    expect(isSound({ ...draft, allDay: false, endMinute: 500 })).toBe(false);
  });

  it("moves both ends alike, and the end alone when only that is asked", () => {
    const when: WhenView = {
      kind: "timed",
      start: "2026-11-25T14:00",
      end: "2026-11-25T15:00",
      zone: ZONE,
    };
    expect(shifted(when, 1, 30, 30)).toEqual({
      ...when,
      start: "2026-11-26T14:30",
      end: "2026-11-26T15:30",
    });
    expect(shifted(when, 0, 0, 15)).toEqual({ ...when, end: "2026-11-25T15:15" });
    fc.assert(
      fc.property(whens, fc.integer({ min: -50, max: 50 }), (any, days) => {
        expect(shifted(shifted(any, days, 0, 0), -days, 0, 0)).toEqual(any);
      }),
    );
  });
});
