// Weeks in a row without an end: their numbers, their places in a long scroller, and what of a
// slice of days belongs to each. Pure; pixels come in as numbers and go out as numbers.
import type { AllDayBar, TimedBlock, ViewSlice } from "../ipc/types";
import { addDays, dateOf, dayNumber, daysBetween, startOfWeek } from "./civil";
import { clamp, type Direction } from "./geometry";
import { keyOf } from "./occurrence";

export const WEEK_DAYS = 7;
/** Three hundred years of weeks: nobody scrolls past either end. */
export const WEEKS_TOTAL = 15_652;
const FIRST_DATE = "1900-01-01";

/** The number of the week that holds `date`, held to those that can be shown. */
export function weekNumber(date: string, firstDay: number): number {
  const first = dayNumber(startOfWeek(FIRST_DATE, firstDay));
  const number = Math.floor((dayNumber(date) - first) / WEEK_DAYS);
  return clamp(number, 0, WEEKS_TOTAL - 1);
}

/** The first day of a week. */
export function weekDate(number: number, firstDay: number): string {
  return dateOf(dayNumber(startOfWeek(FIRST_DATE, firstDay)) + number * WEEK_DAYS);
}

/** The weeks that a scroller shows, and one more at each end. */
export function weeksSeen(top: number, height: number, rowPx: number) {
  const row = Math.max(rowPx, 1);
  return {
    first: clamp(Math.floor(top / row) - 1, 0, WEEKS_TOTAL - 1),
    last: clamp(Math.ceil((top + height) / row), 0, WEEKS_TOTAL - 1),
  };
}

/** The day under a point of the rows; `x` and `y` count from the left and the first row, and
    points outside hold to the nearest day. */
export function dayUnder(x: number, y: number, width: number, rowPx: number, dir: Direction) {
  const along = dir === "rtl" ? width - x : x;
  return {
    week: clamp(Math.floor(y / Math.max(rowPx, 1)), 0, WEEKS_TOTAL - 1),
    day: clamp(Math.floor((along / Math.max(width, 1)) * WEEK_DAYS), 0, WEEK_DAYS - 1),
  };
}

/** How far to scroll so that a row is whole in view: as little as that takes. */
export function scrolledTo(row: number, top: number, height: number, rowPx: number): number {
  const start = row * rowPx;
  const end = start + rowPx - height;
  return start < top ? start : Math.max(top, end);
}

/** One occurrence within one week; days count from the week's first. */
export interface WeekItem {
  key: string;
  first: number;
  last: number;
  /** Whether it began before this week, or goes on after it. */
  before: boolean;
  after: boolean;
  /** Minute it starts at; undefined for what stands as a bar. */
  minute: number | undefined;
  source: AllDayBar | TimedBlock;
}

/** What belongs to each of the weeks of a slice. An event of less than a day stands on the day it
    starts, also where it runs past midnight. */
export function weeksOf(slice: ViewSlice, hidden: ReadonlySet<string>): WeekItem[][] {
  const count = Math.ceil(daysBetween(slice.from, slice.to) / WEEK_DAYS);
  const weeks: WeekItem[][] = Array.from({ length: count }, () => []);
  for (const bar of slice.allDay) {
    if (hidden.has(bar.calendar)) continue;
    const from = Math.floor(bar.firstDay / WEEK_DAYS);
    const to = Math.floor(bar.lastDay / WEEK_DAYS);
    for (let week = from; week <= to; week += 1) weeks[week]?.push(barIn(week, from, to, bar));
  }
  for (const block of slice.timed) {
    if (hidden.has(block.calendar) || block.startsBefore) continue;
    const day = block.day % WEEK_DAYS;
    weeks[Math.floor(block.day / WEEK_DAYS)]?.push({
      ...{ key: keyOf(block), first: day, last: day, before: false, after: false },
      ...{ minute: block.startMinute, source: block },
    });
  }
  return weeks;
}

function barIn(week: number, from: number, to: number, bar: AllDayBar): WeekItem {
  return {
    key: keyOf(bar),
    first: week === from ? bar.firstDay % WEEK_DAYS : 0,
    last: week === to ? bar.lastDay % WEEK_DAYS : WEEK_DAYS - 1,
    before: week > from || bar.startsBefore,
    after: week < to || bar.endsAfter,
    minute: undefined,
    source: bar,
  };
}

/** The dates of a week. */
export function weekDates(number: number, firstDay: number): string[] {
  const first = weekDate(number, firstDay);
  return Array.from({ length: WEEK_DAYS }, (_, day) => addDays(first, day));
}
