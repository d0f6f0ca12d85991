// Which days each view shows, and where turning its page leads. Pure: a view, the day it stands on
// and the first day of a week give the days; what is in them is the core's to say.
import { addDays, addMonths, dateParts, dateText, isWeekend, startOfWeek } from "./civil";

export const viewNames = ["day", "days", "workWeek", "week", "month", "year", "agenda"] as const;

export type ViewName = (typeof viewNames)[number];

/** A view, and how many days the one of a chosen length has. */
export interface ViewChoice {
  view: ViewName;
  days: number;
}

/** Lengths that are offered for the view of several days. */
export const DAY_COUNTS: readonly number[] = [2, 3, 4, 5, 7, 10, 14];
export const FIRST_CHOICE: ViewChoice = { view: "week", days: 4 };

const WEEK = 7;
const WORK_DAYS = 5;
const MONDAY = 1;

/** Days side by side, each with its hours. */
export interface Strip {
  from: string;
  days: number;
}

/** The days of a view that has columns of hours; null for the views that have none. */
export function stripOf(choice: ViewChoice, anchor: string, firstDay: number): Strip | null {
  switch (choice.view) {
    case "day":
      return { from: anchor, days: 1 };
    case "days":
      return { from: anchor, days: choice.days };
    case "week":
      return { from: startOfWeek(anchor, firstDay), days: WEEK };
    case "workWeek": {
      // A weekend belongs to the working days of the week it stands in, wherever that begins.
      const last = addDays(startOfWeek(anchor, firstDay), WEEK - 1);
      return { from: startOfWeek(isWeekend(anchor) ? last : anchor, MONDAY), days: WORK_DAYS };
    }
    default:
      return null;
  }
}

/** The day to stand on after turning `by` pages. */
export function turned(choice: ViewChoice, anchor: string, by: number): string {
  switch (choice.view) {
    case "day":
      return addDays(anchor, by);
    case "days":
      return addDays(anchor, by * choice.days);
    case "week":
    case "workWeek":
      return addDays(anchor, by * WEEK);
    case "month":
    case "agenda":
      return addMonths(startOfMonth(anchor), by);
    case "year":
      return addMonths(startOfMonth(anchor), by * 12);
  }
}

export function startOfMonth(date: string): string {
  const { year, month } = dateParts(date);
  return dateText(year, month, 1);
}

export function isSameMonth(a: string, b: string): boolean {
  return a.slice(0, 7) === b.slice(0, 7);
}

/** What was kept as text, or the first choice where that is none. */
export function readChoice(kept: string | null): ViewChoice {
  const [name, count] = (kept ?? "").split(" ");
  const view = viewNames.find((one) => one === name) ?? FIRST_CHOICE.view;
  const days = DAY_COUNTS.find((one) => one === Number(count)) ?? FIRST_CHOICE.days;
  return { view, days };
}

export function writeChoice({ view, days }: ViewChoice): string {
  return `${view} ${days}`;
}
