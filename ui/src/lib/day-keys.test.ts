// Where keys lead from a day.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dateOf, daysBetween, startOfWeek } from "./civil";
import { stepped } from "./day-keys";

const dates = fc.integer({ min: -20_000, max: 60_000 }).map(dateOf);
const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey });

describe("the keys of a grid of days", () => {
  it("lead back where they came from", () => {
    const pairs = [
      ["ArrowLeft", "ArrowRight"],
      ["ArrowUp", "ArrowDown"],
    ] as const;
    fc.assert(
      fc.property(dates, fc.boolean(), (date, isRtl) => {
        for (const [there, back] of pairs) {
          const on = stepped(key(there), date, 1, isRtl) ?? "";
          expect(stepped(key(back), on, 1, isRtl)).toBe(date);
        }
        const left = stepped(key("ArrowLeft"), date, 1, isRtl) ?? "";
        expect(daysBetween(date, left)).toBe(isRtl ? 1 : -1);
      }),
    );
  });

  it("lead to the ends of the week, and with Ctrl of the month", () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 7 }), (date, firstDay) => {
        const home = stepped(key("Home"), date, firstDay, false) ?? "";
        const end = stepped(key("End"), date, firstDay, false) ?? "";
        expect(home).toBe(startOfWeek(date, firstDay));
        expect(daysBetween(home, end)).toBe(6);
        const last = stepped(key("End", true), date, firstDay, false) ?? "";
        expect(stepped(key("Home", true), last, firstDay, false)).toBe(`${date.slice(0, 7)}-01`);
      }),
    );
  });

  it("are no other keys", () => {
    for (const name of ["a", "Enter", "Tab", " "]) {
      expect(stepped(key(name), "2026-11-25", 1, false)).toBeNull();
    }
  });
});
