// What views without an end show: pages of six weeks, asked for when they come near and kept while
// they are. A page stays on show until its successor has come, so that nothing flickers.
import { asFailure, type Failure } from "../../ipc/backend";
import type { ViewSlice } from "../../ipc/types";
import { weekDate, weekNumber, WEEK_DAYS, weeksOf, type WeekItem } from "../weeks";
import { words } from "../words";

export const PAGE_WEEKS = 6;
export const PAGE_DAYS = PAGE_WEEKS * WEEK_DAYS;
const SLOW_MS = 150;
const PAGES_MAX = 40;
const NONE: WeekItem[] = [];

type Ask = (from: string, days: number) => Promise<ViewSlice>;

export class Pages {
  readonly #ask: Ask;
  readonly #firstDay: number;
  #known = $state.raw<ReadonlyMap<number, ViewSlice>>(new Map());
  #failure = $state.raw<Failure | null>(null);
  #slow = $state(false);
  #wanted = { first: 0, last: -1 };
  #round = 0;
  readonly #asked = new Map<number, number>();
  readonly #fresh = new Set<number>();
  readonly #cut = new WeakMap<ViewSlice, { hidden: ReadonlySet<string>; weeks: WeekItem[][] }>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ask: Ask, firstDay: number) {
    this.#ask = ask;
    this.#firstDay = firstDay;
  }

  /** Why the last page did not come; null once one has. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** Whether a page has been awaited long enough to say so. */
  get slow(): boolean {
    return this.#slow;
  }

  /** The lowest revision among what is known; undefined where nothing is. */
  get revision(): number | undefined {
    const all = [...this.#known.values()].map((slice) => slice.revision);
    return all.length > 0 ? Math.min(...all) : undefined;
  }

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Everything that is known, in no order. */
  get slices(): ViewSlice[] {
    return [...this.#known.values()];
  }

  pageOf(date: string): number {
    return Math.floor(weekNumber(date, this.#firstDay) / PAGE_WEEKS);
  }

  /** First day of a page. */
  start(page: number): string {
    return weekDate(page * PAGE_WEEKS, this.#firstDay);
  }

  has(page: number): boolean {
    return this.#known.has(page);
  }

  /** The days of a page with what the core said of them. */
  slice(page: number): ViewSlice | undefined {
    return this.#known.get(page);
  }

  /** What stands in a week; null until its page has come. */
  week(number: number, hidden: ReadonlySet<string>): readonly WeekItem[] | null {
    const slice = this.#known.get(Math.floor(number / PAGE_WEEKS));
    if (!slice) return null;
    let cut = this.#cut.get(slice);
    if (cut?.hidden !== hidden) {
      cut = { hidden, weeks: weeksOf(slice, hidden) };
      this.#cut.set(slice, cut);
    }
    return cut.weeks[number % PAGE_WEEKS] ?? NONE;
  }

  /** Has these pages come, if they are not there yet: those in the middle, which are looked at,
      before those at the ends. */
  want(first: number, last: number): void {
    this.#wanted = { first, last };
    for (const page of this.#inOrder()) {
      if (!this.#fresh.has(page)) void this.#load(page);
    }
  }

  /** Asks again for what is on show; the rest is forgotten. */
  async refresh(): Promise<void> {
    this.#round += 1;
    this.#fresh.clear();
    const { first, last } = this.#wanted;
    const near = [...this.#known].filter(([page]) => page >= first && page <= last);
    if (near.length < this.#known.size) this.#known = new Map(near);
    await Promise.all(this.#inOrder().map((page) => this.#load(page)));
  }

  /** Nothing is on show any more: what comes next asks for itself. */
  leave(): void {
    this.#wanted = { first: 0, last: -1 };
  }

  #inOrder(): number[] {
    const { first, last } = this.#wanted;
    const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const off = (page: number) => Math.abs(page - (first + last) / 2);
    return pages.filter((page) => page >= 0).sort((a, b) => off(a) - off(b));
  }

  async #load(page: number): Promise<void> {
    const round = this.#round;
    if (this.#asked.get(page) === round) return;
    this.#asked.set(page, round);
    this.#timer ??= setTimeout(() => (this.#slow = true), SLOW_MS);
    try {
      const slice = await this.#ask(this.start(page), PAGE_DAYS);
      if (round !== this.#round) return;
      this.#keep(page, slice);
    } catch (thrown) {
      if (round === this.#round) this.#failure = asFailure(thrown, words.failure.unexpected);
    } finally {
      if (this.#asked.get(page) === round) this.#asked.delete(page);
      if (this.#asked.size === 0) this.#settle();
    }
  }

  #keep(page: number, slice: ViewSlice): void {
    const known = new Map(this.#known).set(page, slice);
    if (known.size > PAGES_MAX) {
      const { first, last } = this.#wanted;
      for (const other of known.keys()) {
        if (other >= first - 1 && other <= last + 1) continue;
        known.delete(other);
        this.#fresh.delete(other);
      }
    }
    this.#known = known;
    this.#fresh.add(page);
    this.#failure = null;
  }

  #settle(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#slow = false;
  }
}
