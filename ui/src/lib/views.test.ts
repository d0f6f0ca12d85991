// Each view's days, by what must hold of any day and any first day of the week.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, dateOf, daysBetween, isWeekend, weekday } from "./civil";
import { DAY_COUNTS, readChoice, stripOf, turned, viewNames, writeChoice } from "./views";

const dates = fc.integer({ min: -20_000, max: 60_000 }).map(dateOf);
const firstDays = fc.integer({ min: 1, max: 7 });
const views = fc.constantFrom(...viewNames);
const counts = fc.constantFrom(...DAY_COUNTS);

describe("the days of a view", () => {
  it("hold the day it stands on, except a weekend in a work week", () => {
    fc.assert(
      fc.property(views, counts, dates, firstDays, (view, days, date, firstDay) => {
        const strip = stripOf({ view, days }, date, firstDay);
        if (!strip || (view === "workWeek" && isWeekend(date))) return;
        const at = daysBetween(strip.from, date);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThan(strip.days);
      }),
    );
  });

  it("begin a week on its first day, and a work week on the Monday in that week", () => {
    fc.assert(
      fc.property(dates, fc.constantFrom(1, 6, 7), (date, firstDay) => {
        const week = stripOf({ view: "week", days: 4 }, date, firstDay);
        const work = stripOf({ view: "workWeek", days: 4 }, date, firstDay);
        if (!week || !work) throw new Error("both have columns");
        expect([weekday(week.from), week.days]).toEqual([firstDay, 7]);
        expect([weekday(work.from), work.days]).toEqual([1, 5]);
        expect(daysBetween(week.from, work.from)).toBeGreaterThanOrEqual(0);
        expect(daysBetween(week.from, work.from)).toBeLessThan(7);
      }),
    );
  });

  it("meet the next page without a gap and without a day twice", () => {
    fc.assert(
      fc.property(counts, dates, firstDays, (days, date, firstDay) => {
        for (const view of ["day", "days", "week"] as const) {
          const choice = { view, days };
          const here = stripOf(choice, date, firstDay);
          const next = stripOf(choice, turned(choice, date, 1), firstDay);
          expect(next?.from).toBe(here && addDays(here.from, here.days));
        }
      }),
    );
  });

  it("turn by whole months and years where the view shows those", () => {
    expect(turned({ view: "month", days: 4 }, "2026-01-31", 1)).toBe("2026-02-01");
    expect(turned({ view: "agenda", days: 4 }, "2026-01-15", -1)).toBe("2025-12-01");
    expect(turned({ view: "year", days: 4 }, "2028-02-29", 1)).toBe("2029-02-01");
  });
});

describe("the choice of a view", () => {
  it("is read back as it was kept", () => {
    fc.assert(
      fc.property(views, counts, (view, days) => {
        expect(readChoice(writeChoice({ view, days }))).toEqual({ view, days });
      }),
    );
  });

  it("is a week where nothing, or nothing sensible, was kept", () => {
    for (const kept of [null, "", "decade 3", "day 999"]) {
      expect(stripOf(readChoice(kept), "2026-11-25", 1)).not.toBeNull();
    }
    expect(readChoice("decade")).toEqual({ view: "week", days: 4 });
  });
});
