// Dates and times in the person's own notation. Values are wall clock already: they are formatted
// as if they were UTC, so that no zone table of the web view is ever asked.
import { dateParts, isoWeek, MINUTES_PER_DAY } from "./civil";
import type { DateNames } from "./typed";
import { words } from "./words";

export interface Habits {
  locale: string;
  hourCycle: "h12" | "h23";
  firstDay: number;
}

/** Units of time in seconds, the longest first. */
const AGES: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
];
const MONDAY = "2024-01-01";

export class Formats {
  readonly habits: Habits;
  readonly #known = new Map<string, Intl.DateTimeFormat>();

  constructor(habits: Habits) {
    this.habits = habits;
  }

  /** "9:00" or "9:00 AM", as the person writes it; `minute` may be 24 h. */
  time(minute: number): string {
    const wrapped = minute % MINUTES_PER_DAY;
    return this.#format("time", MONDAY, wrapped, {
      hour: this.habits.hourCycle === "h23" ? "2-digit" : "numeric",
      minute: "2-digit",
      hourCycle: this.habits.hourCycle,
    });
  }

  /** "14:00 – 15:00". */
  timeRange(start: number, end: number): string {
    return words.range(this.time(start), this.time(end));
  }

  /** "2 hours ago", "yesterday", "now": how long ago something was. */
  ago(seconds: number): string {
    const format = new Intl.RelativeTimeFormat(this.habits.locale, { numeric: "auto" });
    const age = AGES.find(([length]) => seconds >= length);
    return age ? format.format(-Math.floor(seconds / age[0]), age[1]) : format.format(0, "second");
  }

  /** The label of an hour line: "14:00", or "2 PM". */
  hour(hour: number): string {
    if (this.habits.hourCycle === "h23") return this.time(hour * 60);
    return this.#format("hour", MONDAY, hour * 60, { hour: "numeric", hourCycle: "h12" });
  }

  weekdayShort(date: string): string {
    return this.#format("weekdayShort", date, 0, { weekday: "short" });
  }

  weekdayLong(date: string): string {
    return this.#format("weekdayLong", date, 0, { weekday: "long" });
  }

  weekdayNarrow(date: string): string {
    return this.#format("weekdayNarrow", date, 0, { weekday: "narrow" });
  }

  monthName(date: string): string {
    return this.#format("month", date, 0, { month: "long" });
  }

  monthShort(date: string): string {
    return this.#format("monthShort", date, 0, { month: "short" });
  }

  /** "25 November". */
  dayOfMonth(date: string): string {
    return this.#format("dayOfMonth", date, 0, { day: "numeric", month: "long" });
  }

  /** "1 Nov". */
  dayOfMonthShort(date: string): string {
    return this.#format("dayOfMonthShort", date, 0, { day: "numeric", month: "short" });
  }

  year(date: string): string {
    return this.#format("year", date, 0, { year: "numeric" });
  }

  /** "Wednesday 25 November". */
  longDate(date: string): string {
    return this.#format("longDate", date, 0, { weekday: "long", day: "numeric", month: "long" });
  }

  /** "Wednesday 25 November 2026". */
  fullDate(date: string): string {
    return this.#format("fullDate", date, 0, {
      weekday: "long",
      day: "numeric",
      month: "long",
      year: "numeric",
    });
  }

  /** "Wed 25 Nov". */
  shortDate(date: string): string {
    return this.#format("shortDate", date, 0, { weekday: "short", day: "numeric", month: "short" });
  }

  /** "Wed 25 Nov 2026" where the year is not this one. */
  fieldDate(date: string, today: string): string {
    if (date.slice(0, 4) === today.slice(0, 4)) return this.shortDate(date);
    return this.#format("fieldDate", date, 0, {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
    });
  }

  week(date: string): number {
    return isoWeek(date);
  }

  /** The names that a typed date may use. */
  names(): DateNames {
    const lower = (text: string) => text.toLocaleLowerCase(this.habits.locale);
    const order = this.#formatter("order", { day: "numeric", month: "numeric" })
      .formatToParts(new Date(Date.UTC(2024, 0, 1)))
      .find((part) => part.type === "day" || part.type === "month");
    return {
      weekdays: Array.from({ length: 7 }, (_, day) =>
        lower(this.weekdayLong(`2024-01-0${day + 1}`)),
      ),
      months: Array.from({ length: 12 }, (_, month) =>
        lower(this.monthName(`2024-${String(month + 1).padStart(2, "0")}-01`)),
      ),
      today: words.today.toLowerCase(),
      tomorrow: words.tomorrow.toLowerCase(),
      yesterday: words.yesterday.toLowerCase(),
      dayFirst: order?.type !== "month",
    };
  }

  #format(key: string, date: string, minute: number, options: Intl.DateTimeFormatOptions): string {
    const { year, month, day } = dateParts(date);
    const value = new Date(Date.UTC(year, month - 1, day, 0, minute));
    return this.#formatter(key, options).format(value).replace(",", "");
  }

  #formatter(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let known = this.#known.get(key);
    if (!known) {
      known = new Intl.DateTimeFormat(this.habits.locale, { ...options, timeZone: "UTC" });
      this.#known.set(key, known);
    }
    return known;
  }
}
