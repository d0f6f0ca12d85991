import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDays,
  addMonths,
  dateOf,
  dateTimeText,
  dayNumber,
  isDate,
  isoWeek,
  minutesBetween,
  monthWeeks,
  splitDateTime,
  startOfWeek,
  weekday,
} from "./civil";

const days = fc.integer({ min: -200_000, max: 200_000 });

describe("plain dates", () => {
  it("counts days as the platform's calendar does", () => {
    fc.assert(
      fc.property(days, (day) => {
        const text = new Date(day * 86_400_000).toISOString().slice(0, 10);
        expect(dateOf(day)).toBe(text);
        expect(dayNumber(text)).toBe(day);
        expect(weekday(text)).toBe(((new Date(`${text}T00:00Z`).getUTCDay() + 6) % 7) + 1);
      }),
    );
  });

  it("knows which dates exist", () => {
    expect(["2024-02-29", "2000-02-29", "2026-12-31"].every(isDate)).toBe(true);
    expect(["2026-02-29", "1900-02-29", "2026-13-01", "2026-04-31", "26-1-1"].some(isDate)).toBe(
      false,
    );
  });

  it("begins a week on any weekday, at or before the date", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 7 }), (day, firstDay) => {
        const start = startOfWeek(dateOf(day), firstDay);
        expect(weekday(start)).toBe(firstDay);
        expect(day - dayNumber(start)).toBeGreaterThanOrEqual(0);
        expect(day - dayNumber(start)).toBeLessThan(7);
      }),
    );
  });

  it("numbers weeks as ISO 8601 does", () => {
    const cases = { "2026-11-25": 48, "2027-01-01": 53, "2024-12-30": 1, "2021-01-04": 1 };
    for (const [date, week] of Object.entries(cases)) expect(isoWeek(date)).toBe(week);
  });

  it("keeps to the last day where a month is shorter", () => {
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
    expect(addMonths("2026-11-25", -11)).toBe("2025-12-25");
  });

  it("covers a month with six whole weeks", () => {
    const weeks = monthWeeks("2026-11-25", 1);
    expect(weeks.flat()).toContain("2026-11-01");
    expect(weeks.flat()).toContain("2026-11-30");
    expect(weeks[0]?.[0]).toBe("2026-10-26");
    expect(weeks.flat()).toHaveLength(42);
  });

  it("carries minutes over midnight in both directions", () => {
    expect(dateTimeText("2026-11-25", 1500)).toBe("2026-11-26T01:00");
    expect(dateTimeText("2026-11-25", -15)).toBe("2026-11-24T23:45");
    fc.assert(
      fc.property(days, fc.integer({ min: -5000, max: 5000 }), (day, minutes) => {
        const from = `${dateOf(day)}T00:00`;
        const to = dateTimeText(dateOf(day), minutes);
        expect(minutesBetween(from, to)).toBe(minutes);
        expect(splitDateTime(to).date).toBe(addDays(dateOf(day), Math.floor(minutes / 1440)));
      }),
    );
  });
});
