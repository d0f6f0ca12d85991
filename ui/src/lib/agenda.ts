// What a list by days shows of slices that follow each other: days with something on them, months
// where they begin, and long stretches of nothing as one line. Pure.
import type { AllDayBar, TimedBlock, ViewSlice } from "../ipc/types";
import { addDays, daysBetween, splitDateTime } from "./civil";
import { keyOf } from "./occurrence";
import { isSameMonth } from "./views";

/** Days of nothing from which on a line says so. */
export const GAP_DAYS = 7;

export interface AgendaEntry {
  key: string;
  /** Minute it starts at on this day; undefined for what has no time of day here. */
  minute: number | undefined;
  /** Which day of how many this is, for what lasts several. */
  day: number;
  days: number;
  source: AllDayBar | TimedBlock;
}

export type AgendaPart =
  | { kind: "month"; date: string }
  | { kind: "day"; date: string; entries: AgendaEntry[] }
  | { kind: "gap"; from: string; to: string };

/** The entries of each day that has any; an event past midnight stands where it starts. */
export function entriesOf(
  slice: ViewSlice,
  hidden: ReadonlySet<string>,
): Map<string, AgendaEntry[]> {
  const days = new Map<string, AgendaEntry[]>();
  const put = (index: number, entry: AgendaEntry) => {
    const date = addDays(slice.from, index);
    const here = days.get(date);
    if (here) here.push(entry);
    else days.set(date, [entry]);
  };
  for (const bar of slice.allDay) {
    if (hidden.has(bar.calendar)) continue;
    const first = daysBetween(slice.from, bar.start.slice(0, 10));
    const count = lengthOf(bar);
    for (let index = bar.firstDay; index <= bar.lastDay; index += 1) {
      const day = index - first + 1;
      put(index, { key: keyOf(bar), minute: undefined, day, days: count, source: bar });
    }
  }
  for (const block of slice.timed) {
    if (hidden.has(block.calendar) || block.startsBefore) continue;
    const { startMinute: minute } = block;
    put(block.day, { key: keyOf(block), minute, day: 1, days: 1, source: block });
  }
  for (const entries of days.values()) entries.sort(compareEntries);
  return days;
}

/** The parts of slices that follow each other without a gap; `always` are shown even if empty. */
export function agendaOf(
  slices: readonly ViewSlice[],
  hidden: ReadonlySet<string>,
  always: readonly string[],
): AgendaPart[] {
  const parts: AgendaPart[] = [];
  let last: string | null = null;
  let month = "";
  for (const slice of slices) {
    const days = entriesOf(slice, hidden);
    for (const date of always) {
      if (date >= slice.from && date < slice.to && !days.has(date)) days.set(date, []);
    }
    for (const date of [...days.keys()].sort()) {
      if (last !== null && daysBetween(last, date) > GAP_DAYS) {
        parts.push({ kind: "gap", from: addDays(last, 1), to: addDays(date, -1) });
      }
      if (!isSameMonth(month, date)) parts.push({ kind: "month", date });
      parts.push({ kind: "day", date, entries: days.get(date) ?? [] });
      last = date;
      month = date;
    }
  }
  return parts;
}

/** How many things stand on each day of a slice that has any. */
export function countsOf(slice: ViewSlice, hidden: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [date, entries] of entriesOf(slice, hidden)) counts.set(date, entries.length);
  return counts;
}

/** From 0, nothing, to 4, a full day. */
export function densityOf(count: number): 0 | 1 | 2 | 3 | 4 {
  if (count === 0) return 0;
  if (count <= 2) return 1;
  if (count <= 4) return 2;
  return count <= 7 ? 3 : 4;
}

function lengthOf(bar: AllDayBar): number {
  const end = splitDateTime(bar.end);
  const whole = daysBetween(bar.start.slice(0, 10), end.date);
  const more = bar.end.length > 10 && end.minute > 0 ? 1 : 0;
  return Math.max(1, whole + more);
}

function compareEntries(a: AgendaEntry, b: AgendaEntry): number {
  return (a.minute ?? -1) - (b.minute ?? -1) || (a.key < b.key ? -1 : 1);
}
