// Occurrences of stored events in a span of days, cut at midnight: the picture the real core draws
// with zones and rules, here for one zone and plain weekly repeats.
import {
  addDays,
  dateTimeText,
  dayNumber,
  daysBetween,
  minutesBetween,
  MINUTES_PER_DAY,
  splitDateTime,
} from "../../lib/civil";
import type { AllDayBar, CalendarView, TimedBlock, WhenView } from "../types";
import type { StoredEvent } from "./seeds";

export interface Occurrence {
  id: string;
  event: StoredEvent;
  /** Wall clock for timed events, dates for all-day ones; the end is exclusive. */
  start: string;
  end: string;
}

/** Every occurrence that touches `from` up to, not including, `to`. */
export function occurrences(event: StoredEvent, from: string, to: string): Occurrence[] {
  const { start, end } = event.when;
  const first = start.slice(0, 10);
  const lengthDays = daysBetween(first, end.slice(0, 10)) + 1;
  const found: Occurrence[] = [];
  for (const offset of offsets(event, first, addDays(from, -lengthDays), to)) {
    const moved = (text: string) => addDays(text.slice(0, 10), offset) + text.slice(10);
    const occurrence = { id: moved(start), event, start: moved(start), end: moved(end) };
    if (touches(occurrence, event.when, from, to)) found.push(occurrence);
  }
  return found;
}

function offsets(event: StoredEvent, first: string, from: string, to: string): number[] {
  if (event.weekly.length === 0) return [0];
  const base = dayNumber(first);
  const firstWeek = Math.floor((dayNumber(from) - base) / 7) - 1;
  const lastWeek = Math.ceil((dayNumber(to) - base) / 7);
  const found: number[] = [];
  for (let week = Math.max(0, firstWeek); week <= lastWeek; week += 1) {
    for (const day of event.weekly) found.push(week * 7 + day);
  }
  return found;
}

function touches(occurrence: Occurrence, when: WhenView, from: string, to: string): boolean {
  if (when.kind === "allDay") return occurrence.start < to && occurrence.end > from;
  return occurrence.start < `${to}T00:00` && occurrence.end > `${from}T00:00`;
}

function shared(occurrence: Occurrence, calendar: CalendarView | undefined) {
  const { event } = occurrence;
  return {
    occurrence: occurrence.id,
    event: event.id,
    calendar: event.calendar,
    color: calendar?.color ?? "gray",
    title: event.title,
    place: event.place,
    repeats: event.weekly.length > 0,
    status: event.status,
    pending: event.pending,
    start: occurrence.start,
    end: occurrence.end,
  };
}

/** Whether it stands in the all-day lane: without a time, or a whole day long and more. */
export function isAllDay(occurrence: Occurrence): boolean {
  if (occurrence.event.when.kind === "allDay") return true;
  return minutesBetween(occurrence.start, occurrence.end) >= MINUTES_PER_DAY;
}

export function bar(
  occurrence: Occurrence,
  calendar: CalendarView | undefined,
  from: string,
  days: number,
): AllDayBar {
  const timed = occurrence.event.when.kind !== "allDay";
  const first = daysBetween(from, occurrence.start.slice(0, 10));
  const end = splitDateTime(occurrence.end);
  const last = daysBetween(from, end.date) - (timed && end.minute > 0 ? 0 : 1);
  return {
    ...shared(occurrence, calendar),
    firstDay: Math.max(0, first),
    lastDay: Math.min(days - 1, last),
    startsBefore: first < 0,
    endsAfter: last > days - 1,
  };
}

/** The block of each day that the occurrence touches. */
export function blocks(
  occurrence: Occurrence,
  calendar: CalendarView | undefined,
  from: string,
  days: number,
): TimedBlock[] {
  const found: TimedBlock[] = [];
  for (let day = 0; day < days; day += 1) {
    const midnight = dateTimeText(addDays(from, day), 0);
    const start = minutesBetween(midnight, occurrence.start);
    const end = minutesBetween(midnight, occurrence.end);
    if (start >= MINUTES_PER_DAY || end <= 0) continue;
    found.push({
      ...shared(occurrence, calendar),
      day,
      startMinute: Math.max(0, start),
      endMinute: Math.min(MINUTES_PER_DAY, end),
      startsBefore: start < 0,
      endsAfter: end > MINUTES_PER_DAY,
    });
  }
  return found;
}
