// The time of an event while it is being typed or dragged: dates a person would say (the last day
// of a trip, not the day after) and minutes of the day. Turned into the core's intents at the end.
import type { WhenView } from "../ipc/types";
import {
  addDays,
  dateTimeText,
  daysBetween,
  minutesBetween,
  MINUTES_PER_DAY,
  splitDateTime,
} from "./civil";

export interface DraftWhen {
  allDay: boolean;
  startDate: string;
  startMinute: number;
  /** Last day, inclusive. */
  endDate: string;
  endMinute: number;
  /** Zone the wall clock belongs to; null follows whoever reads it. */
  zone: string | null;
}

export const HOUR_MINUTES = 60;

/** `minutes` long from `minute` of `date`, running into the next day where it must. */
export function timedDraft(date: string, minute: number, minutes: number, zone: string): DraftWhen {
  const end = splitDateTime(dateTimeText(date, minute + minutes));
  return {
    allDay: false,
    startDate: date,
    startMinute: minute,
    endDate: end.date,
    endMinute: end.minute,
    zone,
  };
}

export function allDayDraft(first: string, last: string, zone: string): DraftWhen {
  return {
    allDay: true,
    startDate: first,
    startMinute: 9 * 60,
    endDate: last,
    endMinute: 10 * 60,
    zone,
  };
}

export function draftOf(when: WhenView, zone: string): DraftWhen {
  if (when.kind === "allDay") return allDayDraft(when.start, addDays(when.end, -1), zone);
  const start = splitDateTime(when.start);
  const end = splitDateTime(when.end);
  return {
    allDay: false,
    startDate: start.date,
    startMinute: start.minute,
    endDate: end.date,
    endMinute: end.minute,
    zone: when.kind === "timed" ? when.zone : null,
  };
}

export function whenOf(draft: DraftWhen): WhenView {
  if (draft.allDay) {
    return { kind: "allDay", start: draft.startDate, end: addDays(draft.endDate, 1) };
  }
  const start = dateTimeText(draft.startDate, draft.startMinute);
  const end = dateTimeText(draft.endDate, draft.endMinute);
  return draft.zone === null
    ? { kind: "floating", start, end }
    : { kind: "timed", start, end, zone: draft.zone };
}

/** Length in minutes; an all-day draft counts whole days. */
export function draftMinutes(draft: DraftWhen): number {
  if (draft.allDay) return (daysBetween(draft.startDate, draft.endDate) + 1) * MINUTES_PER_DAY;
  return minutesBetween(
    dateTimeText(draft.startDate, draft.startMinute),
    dateTimeText(draft.endDate, draft.endMinute),
  );
}

/** Whether it ends after it starts. */
export function isSound(draft: DraftWhen): boolean {
  return draftMinutes(draft) > 0;
}

/** A new start date with the length kept. */
export function startOn(draft: DraftWhen, date: string): DraftWhen {
  const days = daysBetween(draft.startDate, date);
  return { ...draft, startDate: date, endDate: addDays(draft.endDate, days) };
}

/** A new start time with the length kept. */
export function startAt(draft: DraftWhen, minute: number): DraftWhen {
  return { ...draft, startMinute: minute, ...endOf(draft.startDate, minute, draftMinutes(draft)) };
}

/** A new end time: on the start's day, or the next where it would come before the start. */
export function endAt(draft: DraftWhen, minute: number): DraftWhen {
  const several = daysBetween(draft.startDate, draft.endDate) > 1;
  if (several) return { ...draft, endMinute: minute };
  const past = minute <= draft.startMinute;
  return { ...draft, endMinute: minute, endDate: addDays(draft.startDate, past ? 1 : 0) };
}

/** A new last day; an all-day draft never ends before it starts. */
export function endOn(draft: DraftWhen, date: string): DraftWhen {
  return { ...draft, endDate: date < draft.startDate ? draft.startDate : date };
}

/** With or without a time of day; the time that was there comes back. */
export function withAllDay(draft: DraftWhen, allDay: boolean): DraftWhen {
  const next = { ...draft, allDay };
  if (allDay) return next.endDate < next.startDate ? { ...next, endDate: next.startDate } : next;
  return isSound(next)
    ? next
    : { ...next, ...endOf(next.startDate, next.startMinute, HOUR_MINUTES) };
}

/** The intent moved by whole days and minutes, at both ends or at one. */
export function shifted(
  when: WhenView,
  days: number,
  startMinutes: number,
  endMinutes: number,
): WhenView {
  if (when.kind === "allDay") {
    return { ...when, start: addDays(when.start, days), end: addDays(when.end, days) };
  }
  const move = (text: string, minutes: number) => {
    const { date, minute } = splitDateTime(text);
    return dateTimeText(addDays(date, days), minute + minutes);
  };
  return { ...when, start: move(when.start, startMinutes), end: move(when.end, endMinutes) };
}

function endOf(
  date: string,
  minute: number,
  minutes: number,
): { endDate: string; endMinute: number } {
  const end = splitDateTime(dateTimeText(date, minute + minutes));
  return { endDate: end.date, endMinute: end.minute };
}
