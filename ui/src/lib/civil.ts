// Plain dates as "YYYY-MM-DD" and day numbers. No zones, no clock: the core has already turned every
// instant into a wall-clock value, and what is left is arithmetic on the proleptic Gregorian calendar.

/** Years, months and days of one date; months and days count from 1. */
export interface DateParts {
  year: number;
  month: number;
  day: number;
}

export const MINUTES_PER_DAY = 24 * 60;

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

export function dateText(year: number, month: number, day: number): string {
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
}

/** The parts of a date text; also of the date in "YYYY-MM-DDTHH:MM". */
export function dateParts(text: string): DateParts {
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  return { year, month, day };
}

/** Days since 1970-01-01. */
export function dayNumber(text: string): number {
  const { year, month, day } = dateParts(text);
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + dayOfEra + dayOfYear - 719_468;
}

/** The date of a day number; inverse of `dayNumber`. */
export function dateOf(number: number): string {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return dateText(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

export function addDays(text: string, days: number): string {
  return dateOf(dayNumber(text) + days);
}

/** Whole days from `from` to `to`. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/** ISO weekday: Monday 1 to Sunday 7. */
export function weekday(text: string): number {
  return ((((dayNumber(text) + 3) % 7) + 7) % 7) + 1;
}

export function isWeekend(text: string): boolean {
  return weekday(text) >= 6;
}

/** The first day of the week that holds `text`, for weeks that begin on `firstDay` (ISO weekday). */
export function startOfWeek(text: string, firstDay: number): string {
  return addDays(text, -((weekday(text) - firstDay + 7) % 7));
}

/** ISO 8601 week number: the week belongs to the year that holds its Thursday. */
export function isoWeek(text: string): number {
  const thursday = dayNumber(text) + 4 - weekday(text);
  const { year } = dateParts(dateOf(thursday));
  return Math.floor((thursday - dayNumber(dateText(year, 1, 1))) / 7) + 1;
}

export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? dateText(year + 1, 1, 1) : dateText(year, month + 1, 1);
  return dayNumber(next) - dayNumber(dateText(year, month, 1));
}

/** The same day `months` later; the last day of the month where that day does not exist. */
export function addMonths(text: string, months: number): string {
  const { year, month, day } = dateParts(text);
  const index = year * 12 + (month - 1) + months;
  const targetYear = Math.floor(index / 12);
  const targetMonth = index - targetYear * 12 + 1;
  return dateText(targetYear, targetMonth, Math.min(day, daysInMonth(targetYear, targetMonth)));
}

/** Whether `text` is a date that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const { year, month, day } = dateParts(text);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** Six weeks that cover the month of `text`, each as its seven dates. */
export function monthWeeks(text: string, firstDay: number): string[][] {
  const { year, month } = dateParts(text);
  const first = startOfWeek(dateText(year, month, 1), firstDay);
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => addDays(first, week * 7 + day)),
  );
}

/** "YYYY-MM-DDTHH:MM" of a date and a minute; minutes may run past either end of the day. */
export function dateTimeText(date: string, minute: number): string {
  const day = addDays(date, Math.floor(minute / MINUTES_PER_DAY));
  const rest = ((minute % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  return `${day}T${pad(Math.floor(rest / 60))}:${pad(rest % 60)}`;
}

/** Date and minute of the day of "YYYY-MM-DDTHH:MM"; a bare date is its midnight. */
export function splitDateTime(text: string): { date: string; minute: number } {
  const date = text.slice(0, 10);
  if (text.length < 16) return { date, minute: 0 };
  return { date, minute: Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)) };
}

/** Minutes from `from` to `to`, both wall clock. */
export function minutesBetween(from: string, to: string): number {
  const a = splitDateTime(from);
  const b = splitDateTime(to);
  return daysBetween(a.date, b.date) * MINUTES_PER_DAY + b.minute - a.minute;
}
