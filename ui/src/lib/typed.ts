// Times and dates as people type them: "930", "9:30p", "14", "fri", "27 nov", "tomorrow". Returns
// null for what it cannot read, never a guess. Month and weekday names come from the locale.
import { addDays, addMonths, dateParts, dateText, isDate, weekday } from "./civil";

/** Minute of the day, or null. A bare 1 to 12 is taken as written: 9 is 09:00. */
export function readTime(text: string): number | null {
  const match = /^(\d{1,2})(?:\s*[:.h]\s*(\d{2})|(\d{2}))?\s*(?:([ap])\.?\s*m?\.?)?$/i.exec(
    text.trim(),
  );
  if (!match) return null;
  const hours = Number(match[1]);
  const minutes = Number(match[2] ?? match[3] ?? 0);
  const half = match[4]?.toLowerCase();
  if (minutes > 59) return null;
  if (half) {
    if (hours < 1 || hours > 12) return null;
    return ((hours % 12) + (half === "p" ? 12 : 0)) * 60 + minutes;
  }
  return hours <= 23 ? hours * 60 + minutes : null;
}

/** Names that `readDate` recognises, in the locale's own language, lower case. */
export interface DateNames {
  /** Monday first, seven long names. */
  weekdays: readonly string[];
  /** January first, twelve long names. */
  months: readonly string[];
  today: string;
  tomorrow: string;
  yesterday: string;
  /** Whether "3/4" means the third of April. */
  dayFirst: boolean;
}

/** A date near `today`, or null. A weekday is the next one, today included. */
export function readDate(text: string, today: string, names: DateNames): string | null {
  const typed = text.trim().toLowerCase().replace(/,/g, " ").replace(/\s+/g, " ");
  if (typed === "") return null;
  if (isDate(typed)) return typed;
  if (typed === names.today) return today;
  if (typed === names.tomorrow) return addDays(today, 1);
  if (typed === names.yesterday) return addDays(today, -1);
  return readNumbers(typed, today, names) ?? readWords(typed, today, names);
}

function readNumbers(typed: string, today: string, names: DateNames): string | null {
  const match = /^(\d{1,2})(?:[/.-](\d{1,2}))?(?:[/.-](\d{4}))?\.?$/.exec(typed);
  if (!match) return null;
  const first = Number(match[1]);
  if (match[2] === undefined) return nearest(first, null, null, today);
  const second = Number(match[2]);
  const [day, month] = names.dayFirst ? [first, second] : [second, first];
  return nearest(day, month, match[3] ? Number(match[3]) : null, today);
}

function readWords(typed: string, today: string, names: DateNames): string | null {
  let day: number | null = null;
  let month: number | null = null;
  let year: number | null = null;
  let named: number | null = null;
  for (const word of typed.split(" ")) {
    const number = /^(\d{1,2})(?:st|nd|rd|th|\.)?$/.exec(word);
    const found = startingWith(names.months, word);
    const dayName = startingWith(names.weekdays, word);
    if (number) day = Number(number[1]);
    else if (/^\d{4}$/.test(word)) year = Number(word);
    else if (found !== null) month = found + 1;
    else if (dayName !== null) named = dayName + 1;
    else return null;
  }
  if (day !== null) return nearest(day, month, year, today);
  if (named === null || month !== null || year !== null) return null;
  return addDays(today, (named - weekday(today) + 7) % 7);
}

function startingWith(names: readonly string[], word: string): number | null {
  const stem = word.replace(/\.$/, "");
  if (stem.length < 3) return null;
  const index = names.findIndex((name) => name.startsWith(stem));
  return index === -1 ? null : index;
}

/** The date with these parts that is nearest to today; null where there is no such date. */
function nearest(
  day: number,
  month: number | null,
  year: number | null,
  today: string,
): string | null {
  const now = dateParts(today);
  if (month === null) return existing(now.year, now.month, day);
  if (year !== null) return existing(year, month, day);
  const here = existing(now.year, month, day);
  const halfYearAgo = addMonths(today, -6);
  return here !== null && here < halfYearAgo ? existing(now.year + 1, month, day) : here;
}

function existing(year: number, month: number, day: number): string | null {
  const text = dateText(year, month, day);
  return isDate(text) ? text : null;
}
