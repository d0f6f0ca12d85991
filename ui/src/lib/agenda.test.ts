// The list by days, by what must hold of any slices.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AllDayBar, TimedBlock, ViewSlice } from "../ipc/types";
import { agendaOf, countsOf, densityOf, entriesOf, GAP_DAYS } from "./agenda";
import { addDays, daysBetween } from "./civil";

const FROM = "2026-11-02";
const DAYS = 42;
const shared = { calendar: "c", color: "blue", title: "", place: "", repeats: false } as const;
const rest = { ...shared, status: "confirmed", pending: false } as const;

function block(page: number, day: number, minute: number): TimedBlock {
  const date = addDays(FROM, page * DAYS + day);
  const start = `${date}T00:00`;
  const span = {
    startMinute: minute,
    endMinute: minute + 30,
    startsBefore: false,
    endsAfter: false,
  };
  return {
    ...rest,
    ...span,
    day,
    event: `${page} ${day} ${minute}`,
    occurrence: start,
    start,
    end: start,
  };
}

function bar(firstDay: number, days: number): AllDayBar {
  const start = addDays(FROM, firstDay);
  const end = addDays(start, days);
  const span = { firstDay, lastDay: firstDay + days - 1, startsBefore: false, endsAfter: false };
  return { ...rest, ...span, event: `bar ${firstDay}`, occurrence: start, start, end };
}

function slice(page: number, timed: TimedBlock[], allDay: AllDayBar[] = []): ViewSlice {
  const from = addDays(FROM, page * DAYS);
  const now = { date: FROM, minute: 0 };
  return { revision: 1, zone: "UTC", from, to: addDays(from, DAYS), now, days: [], timed, allDay };
}

const pages = fc
  .array(fc.array(fc.tuple(fc.nat(DAYS - 1), fc.nat(1400)), { maxLength: 12 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) =>
    list.map((days, page) =>
      slice(
        page,
        days.map(([day, minute]) => block(page, day, minute)),
      ),
    ),
  );
const NOBODY = new Set<string>();

describe("the list by days", () => {
  it("shows each day that has something once, in order, and no other", () => {
    fc.assert(
      fc.property(pages, (slices) => {
        const parts = agendaOf(slices, NOBODY, []);
        const shown = parts.flatMap((part) => (part.kind === "day" ? [part.date] : []));
        const wanted = slices.flatMap((one) => one.timed.map(({ day }) => addDays(one.from, day)));
        expect(shown).toEqual([...new Set(wanted)].sort());
      }),
    );
  });

  it("says where nothing is for a week and more, and never over a day with something", () => {
    fc.assert(
      fc.property(pages, (slices) => {
        const parts = agendaOf(slices, NOBODY, []);
        const days = parts.flatMap((part) => (part.kind === "day" ? [part.date] : []));
        const gaps = parts.flatMap((part) => (part.kind === "gap" ? [part] : []));
        const wide = days.filter((date, at) => {
          const next = days[at + 1];
          return next !== undefined && daysBetween(date, next) > GAP_DAYS;
        });
        expect(gaps.map(({ from }) => addDays(from, -1))).toEqual(wide);
        for (const { from, to } of gaps) {
          expect(days.some((date) => date >= from && date <= to)).toBe(false);
        }
      }),
    );
  });

  it("names each month once, where it begins", () => {
    fc.assert(
      fc.property(pages, (slices) => {
        const parts = agendaOf(slices, NOBODY, []);
        const months = parts.flatMap((part) =>
          part.kind === "month" ? [part.date.slice(0, 7)] : [],
        );
        const days = parts.flatMap((part) => (part.kind === "day" ? [part.date.slice(0, 7)] : []));
        expect(months).toEqual([...new Set(days)]);
      }),
    );
  });

  it("shows a day that was asked for even where it is empty, and no other", () => {
    const asked = addDays(FROM, 3);
    const parts = agendaOf([slice(0, [])], NOBODY, [asked, "2000-01-01"]);
    expect(parts).toEqual([
      { kind: "month", date: asked },
      { kind: "day", date: asked, entries: [] },
    ]);
  });

  it("counts the days of what lasts several, before what has a time", () => {
    const days = entriesOf(slice(0, [block(0, 4, 60)], [bar(3, 3)]), NOBODY);
    const second = days.get(addDays(FROM, 4)) ?? [];
    expect(second.map(({ day, days: of }) => [day, of])).toEqual([
      [2, 3],
      [1, 1],
    ]);
    expect([...days.keys()].sort()).toEqual([3, 4, 5].map((day) => addDays(FROM, day)));
    expect(entriesOf(slice(0, [block(0, 4, 60)], [bar(3, 3)]), new Set(["c"])).size).toBe(0);
  });
});

describe("the density of a day", () => {
  it("grows with what stands on it", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(densityOf(less)).toBeLessThanOrEqual(densityOf(more));
        expect(densityOf(more) === 0).toBe(more === 0);
      }),
    );
    expect(countsOf(slice(0, [block(0, 4, 60), block(0, 4, 90)]), NOBODY)).toEqual(
      new Map([[addDays(FROM, 4), 2]]),
    );
  });
});
