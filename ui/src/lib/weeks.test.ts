// Weeks without an end, by what must hold of any day, any scroller and any slice.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AllDayBar, TimedBlock, ViewSlice } from "../ipc/types";
import { addDays, dateOf, weekday } from "./civil";
import {
  dayUnder,
  scrolledTo,
  weekDate,
  weekDates,
  weekNumber,
  weeksOf,
  weeksSeen,
  WEEKS_TOTAL,
} from "./weeks";

const dates = fc.integer({ min: -25_000, max: 80_000 }).map(dateOf);
const firstDays = fc.integer({ min: 1, max: 7 });
const heights = fc.integer({ min: 40, max: 400 });

describe("the number of a week", () => {
  it("names the week that holds a day, from its first day on", () => {
    fc.assert(
      fc.property(dates, firstDays, (date, firstDay) => {
        const number = weekNumber(date, firstDay);
        expect(weekday(weekDate(number, firstDay))).toBe(firstDay);
        expect(weekDates(number, firstDay)).toContain(date);
        expect(weekNumber(addDays(date, 7), firstDay)).toBe(number + 1);
      }),
    );
  });
});

describe("the long scroller", () => {
  it("shows every week that is in view, and few others", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 200, max: 2_000 }),
        heights,
        (top, height, rowPx) => {
          const { first, last } = weeksSeen(top, height, rowPx);
          expect(first * rowPx).toBeLessThanOrEqual(top);
          expect((last + 1) * rowPx).toBeGreaterThanOrEqual(
            Math.min(top + height, WEEKS_TOTAL * rowPx),
          );
          expect(last - first).toBeLessThanOrEqual(height / rowPx + 3);
        },
      ),
    );
  });

  it("goes no further than brings a row into view, and not at all where it is", () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(300_000), heights, (row, top, rowPx) => {
        const height = rowPx * 5;
        const to = scrolledTo(row, top, height, rowPx);
        expect(row * rowPx).toBeGreaterThanOrEqual(to);
        expect((row + 1) * rowPx).toBeLessThanOrEqual(to + height);
        expect(scrolledTo(row, to, height, rowPx)).toBe(to);
      }),
    );
  });

  it("finds the day under a point, in either direction of text", () => {
    expect(dayUnder(10, 250, 700, 100, "ltr")).toEqual({ week: 2, day: 0 });
    expect(dayUnder(10, 250, 700, 100, "rtl")).toEqual({ week: 2, day: 6 });
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.nat(2_000), heights, (x, y, width, rowPx) => {
        const { week, day } = dayUnder(x, y, width, rowPx, "ltr");
        expect(week).toBeGreaterThanOrEqual(0);
        expect([0, 1, 2, 3, 4, 5, 6]).toContain(day);
      }),
    );
  });
});

const FROM = "2026-11-02";
const DAYS = 42;

function slice(timed: TimedBlock[], allDay: AllDayBar[]): ViewSlice {
  const now = { date: FROM, minute: 0 };
  const to = addDays(FROM, DAYS);
  return { revision: 1, zone: "UTC", from: FROM, to, now, days: [], timed, allDay };
}

const shared = { calendar: "c", color: "blue", title: "", place: "", repeats: false } as const;
const rest = { ...shared, status: "confirmed", pending: false, start: FROM, end: FROM } as const;

const bars = fc.array(fc.tuple(fc.nat(DAYS - 1), fc.nat(20)), { maxLength: 12 }).map((list) =>
  list.map(([firstDay, length], index): AllDayBar => ({
    ...rest,
    ...{ event: `b${index}`, occurrence: FROM, firstDay },
    ...{ lastDay: Math.min(DAYS - 1, firstDay + length), startsBefore: false, endsAfter: false },
  })),
);

function block(day: number, startsBefore: boolean): TimedBlock {
  const span = { startMinute: 60, endMinute: 90, startsBefore, endsAfter: false };
  return { ...rest, ...span, day, event: `t${day}`, occurrence: FROM };
}

describe("cutting a slice into weeks", () => {
  it("gives each day of a bar to exactly one week, and says where it goes on", () => {
    fc.assert(
      fc.property(bars, (allDay) => {
        const weeks = weeksOf(slice([], allDay), new Set());
        expect(weeks.length).toBe(6);
        for (const bar of allDay) {
          const pieces = weeks.flatMap((items, week) =>
            items
              .filter((item) => item.source.event === bar.event)
              .map((item) => ({ ...item, week })),
          );
          const days = pieces.flatMap(({ week, first, last }) =>
            Array.from({ length: last - first + 1 }, (_, day) => week * 7 + first + day),
          );
          const all = Array.from(
            { length: bar.lastDay - bar.firstDay + 1 },
            (_, day) => bar.firstDay + day,
          );
          expect(days).toEqual(all);
          expect(pieces.map(({ before }) => before)).toEqual(pieces.map((_, at) => at > 0));
          expect(pieces.map(({ after }) => after)).toEqual(
            pieces.map((_, at) => at < pieces.length - 1),
          );
        }
      }),
    );
  });

  it("leaves out hidden calendars, and what began the evening before", () => {
    const timed = [block(3, false), block(9, true)];
    const weeks = weeksOf(slice(timed, []), new Set());
    expect(weeks.flat().map((item) => item.source.event)).toEqual(["t3"]);
    expect(weeksOf(slice(timed, []), new Set(["c"])).flat()).toEqual([]);
  });
});
