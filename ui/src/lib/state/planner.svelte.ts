// The days on the table: which view of which days, what is in them, and what time it is. It asks the
// core again whenever the core says that something changed, and never on a timer of its own.
import { asFailure, type Backend, type Failure } from "../../ipc/backend";
import type {
  AllDayBar,
  CalendarView,
  Moment,
  Notice,
  Startup,
  SyncStatus,
  TimedBlock,
  ViewSlice,
} from "../../ipc/types";
import { addDays, MINUTES_PER_DAY } from "../civil";
import type { Clock } from "../clock";
import { Formats } from "../format";
import {
  FIRST_CHOICE,
  isSameMonth,
  stripOf,
  turned,
  type Strip,
  type ViewChoice,
  type ViewName,
} from "../views";
import type { WeekItem } from "../weeks";
import { words } from "../words";
import { Pages } from "./pages.svelte";

const SLOW_MS = 150;
const CACHE_MAX = 12;

export class Planner {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly startup: Startup;
  readonly formats: Formats;
  /** What the views without columns show. */
  readonly pages: Pages;
  /** Whether this person may write into a calendar; who shares it knows. */
  mayWrite: (calendar: string) => boolean = () => true;

  #choice = $state.raw<ViewChoice>(FIRST_CHOICE);
  #anchor = $state("");
  #seen = $state("");
  #jumps = $state(0);
  #slice = $state.raw<ViewSlice | null>(null);
  #calendars = $state.raw<CalendarView[]>([]);
  #sync = $state.raw<SyncStatus | null>(null);
  #failure = $state.raw<Failure | null>(null);
  #slow = $state(false);
  #now = $state.raw<Moment>({ date: "", minute: 0 });

  #heardAt = 0;
  #heard: Moment = { date: "", minute: 0 };
  /** What day it is as the clock guessed, until the core has said it. */
  #guessed: string | null;
  #asked = 0;
  #calendarsAsked = 0;
  #syncAsked = 0;
  readonly #cache = new Map<string, ViewSlice>();

  /** The columns of hours on show; null where the view has none. */
  readonly strip: Strip | null = $derived.by(() =>
    stripOf(this.#choice, this.#anchor, this.startup.firstDay),
  );
  /** The days of those columns. */
  readonly dates: readonly string[] = $derived.by(() => {
    const { from, days } = this.strip ?? { from: "", days: 0 };
    return Array.from({ length: days }, (_, day) => addDays(from, day));
  });
  /** The slice of the columns on show; null until it has come. */
  readonly slice = $derived.by(() => {
    const slice = this.#slice;
    return slice && this.strip && keyOf(slice) === stripKey(this.strip) ? slice : null;
  });
  /** Ids of the calendars that are not to be seen. */
  readonly hidden: ReadonlySet<string> = $derived.by(
    () => new Set(this.#calendars.filter((one) => one.hidden).map((one) => one.id)),
  );
  readonly timed: TimedBlock[] = $derived.by(
    () => this.slice?.timed.filter((block) => !this.hidden.has(block.calendar)) ?? [],
  );
  readonly allDay: AllDayBar[] = $derived.by(
    () => this.slice?.allDay.filter((bar) => !this.hidden.has(bar.calendar)) ?? [],
  );

  constructor(backend: Backend, clock: Clock, startup: Startup, choice = FIRST_CHOICE) {
    this.#backend = backend;
    this.#clock = clock;
    this.startup = startup;
    this.formats = new Formats(startup);
    this.pages = new Pages((from, days) => this.#ask({ from, days }), startup.firstDay);
    this.#choice = choice;
    this.#anchor = clock.guessDate();
    this.#seen = this.#anchor;
    this.#guessed = this.#anchor;
    this.#now = { date: this.#anchor, minute: 0 };
  }

  /** The day that the view stands on. */
  get anchor(): string {
    return this.#anchor;
  }

  get choice(): ViewChoice {
    return this.#choice;
  }

  get view(): ViewName {
    return this.#choice.view;
  }

  /** Grows whenever someone asks for a day: a view that scrolls then goes there. */
  get jumps(): number {
    return this.#jumps;
  }

  /** A day of the month that the title names. */
  get seen(): string {
    if (this.view === "month" || this.view === "agenda") return this.#seen;
    return this.dates[Math.floor((this.dates.length - 1) / 2)] ?? this.#anchor;
  }

  /** The day that a new event is for, where nobody has pointed at one. */
  get dayForNew(): string {
    const { now, dates } = this;
    if (dates.length === 0) return this.#anchor;
    return dates.includes(now.date) ? now.date : (dates[0] ?? now.date);
  }

  get calendars(): readonly CalendarView[] {
    return this.#calendars;
  }

  get sync(): SyncStatus | null {
    return this.#sync;
  }

  /** Whether anything can leave this device; without a relay nothing does. */
  get hasRelay(): boolean {
    return (this.#sync?.relay ?? null) !== null;
  }

  /** Why there is nothing to show; null where there is something. */
  get failure(): Failure | null {
    if (this.strip) return this.slice ? null : this.#failure;
    return this.pages.isEmpty ? this.pages.failure : null;
  }

  /** Whether what is on show has been awaited long enough to say so. */
  get slow(): boolean {
    return this.strip ? this.#slow && !this.slice : this.pages.slow;
  }

  /** What stands in a week of the views without columns; null until it has come. */
  week(number: number): readonly WeekItem[] | null {
    return this.pages.week(number, this.hidden);
  }

  /** The occurrences of an event among what is on show. */
  occurrencesOf(event: string): (TimedBlock | AllDayBar)[] {
    const slices = this.strip ? (this.slice ? [this.slice] : []) : this.pages.slices;
    const all = slices.flatMap((slice) => [...slice.timed, ...slice.allDay]);
    return all.filter((one) => one.event === event);
  }

  get now(): Moment {
    return this.#now;
  }

  get zone(): string {
    return this.#slice?.zone ?? this.startup.zone;
  }

  /** Loads everything and follows the core; the returned function stops following. */
  async open(): Promise<() => void> {
    const stopTicking = this.#clock.everyMinute(() => this.#tick());
    const stopListening = await this.#backend.listen((notice) => this.#notice(notice));
    await Promise.all([this.#loadCalendars(), this.#load(), this.#loadSync()]);
    return () => {
      stopTicking();
      stopListening();
    };
  }

  calendar(id: string): CalendarView | undefined {
    return this.#calendars.find((calendar) => calendar.id === id);
  }

  /** Where a new event goes unless someone chooses otherwise. */
  get defaultCalendar(): CalendarView | undefined {
    const open = this.#calendars.filter((calendar) => this.mayWrite(calendar.id));
    return open.find((calendar) => !calendar.hidden) ?? open[0] ?? this.#calendars[0];
  }

  /** Goes to a day. */
  goTo(date: string): void {
    this.#anchor = date;
    this.#seen = date;
    this.#jumps += 1;
    void this.#load();
  }

  /** Turns the page: the next day, week or month, as the view has it. */
  page(by: number): void {
    const from = this.view === "month" || this.view === "agenda" ? this.#seen : this.#anchor;
    const to = turned(this.#choice, from, by);
    const { date } = this.#now;
    this.goTo(!this.strip && isSameMonth(to, date) ? date : to);
  }

  /** Shows the day it stands on in another view, or another day in it. */
  show(choice: Partial<ViewChoice>, date = this.#anchor): void {
    this.#choice = { ...this.#choice, ...choice };
    if (this.strip) this.pages.leave();
    this.goTo(date);
  }

  /** Stands on a day that is on show, without going anywhere. */
  stand(date: string): void {
    this.#anchor = date;
  }

  /** Someone scrolled to where this month is. */
  see(date: string): void {
    this.#seen = date;
  }

  /** Forgets what it knows of other days and asks for those on show again. */
  async refresh(): Promise<void> {
    this.#cache.clear();
    await Promise.all([this.#load(), this.pages.refresh()]);
  }

  async setHidden(id: string, hidden: boolean): Promise<void> {
    const set = (to: boolean) => {
      this.#calendars = this.#calendars.map((one) =>
        one.id === id ? { ...one, hidden: to } : one,
      );
    };
    set(hidden);
    try {
      await this.#backend.setCalendarHidden(id, hidden);
      await this.refresh();
    } catch (thrown) {
      set(!hidden);
      throw thrown;
    }
  }

  async addCalendar(name: string, color: string): Promise<CalendarView> {
    const calendar = await this.#backend.addCalendar(name, color);
    await this.#loadCalendars();
    return calendar;
  }

  /** No longer wants a calendar that has been asked for. */
  stopWaiting(id: string): Promise<void> {
    return this.#backend.stopWaiting(id);
  }

  /** Of answers that overtake each other, the one that was asked for last counts. */
  async #loadCalendars(): Promise<void> {
    const asked = ++this.#calendarsAsked;
    const calendars = await this.#backend.calendars();
    if (asked === this.#calendarsAsked) this.#calendars = calendars;
  }

  async #loadSync(): Promise<void> {
    const asked = ++this.#syncAsked;
    const sync = await this.#backend.syncStatus();
    if (asked === this.#syncAsked) this.#sync = sync;
  }

  async #load(): Promise<void> {
    const { strip } = this;
    if (!strip) return;
    const asked = ++this.#asked;
    const known = this.#cache.get(stripKey(strip));
    if (known) {
      this.#slice = known;
      return;
    }
    const slow = setTimeout(() => (this.#slow = true), SLOW_MS);
    try {
      const slice = await this.#askStrip(strip);
      if (asked !== this.#asked) return;
      this.#slice = slice;
      this.#failure = null;
      void this.#prefetch();
    } catch (thrown) {
      if (asked === this.#asked) this.#failure = asFailure(thrown, words.failure.unexpected);
    } finally {
      clearTimeout(slow);
      if (asked === this.#asked) this.#slow = false;
    }
  }

  async #askStrip(strip: Strip): Promise<ViewSlice> {
    const slice = await this.#ask(strip);
    const isOlder = [...this.#cache.values()].some((one) => one.revision < slice.revision);
    if (isOlder || this.#cache.size >= CACHE_MAX) this.#cache.clear();
    this.#cache.set(stripKey(strip), slice);
    return slice;
  }

  async #ask({ from, days }: Strip): Promise<ViewSlice> {
    const slice = await this.#backend.view({ from, to: addDays(from, days) });
    this.#heard = slice.now;
    this.#heardAt = this.#clock.elapsed();
    this.#now = slice.now;
    const guessed = this.#guessed;
    this.#guessed = null;
    if (this.#anchor === guessed && slice.now.date !== guessed) this.goTo(slice.now.date);
    return slice;
  }

  /** The neighbours, so that paging shows them at once. */
  async #prefetch(): Promise<void> {
    for (const by of [1, -1]) {
      const anchor = turned(this.#choice, this.#anchor, by);
      const strip = stripOf(this.#choice, anchor, this.startup.firstDay);
      if (!strip || this.#cache.has(stripKey(strip))) continue;
      try {
        await this.#askStrip(strip);
      } catch {
        return; // Asked again, and the failure shown, once someone goes there.
      }
    }
  }

  #notice(notice: Notice): void {
    if (notice.kind === "sync") {
      this.#sync = notice.status;
      return;
    }
    // Locked: what is shown goes as a whole, and whoever asks is refused. The rest is about people.
    if (notice.kind !== "changed") return;
    const shown = this.strip ? this.#slice?.revision : this.pages.revision;
    if (notice.revision <= (shown ?? -1)) return;
    void this.refresh();
    void this.#loadCalendars();
  }

  /** Time goes on from what the core last said; at midnight the core is asked what day it is. */
  #tick(): void {
    const passed = Math.floor((this.#clock.elapsed() - this.#heardAt) / 60_000);
    const minute = this.#heard.minute + passed;
    if (minute >= MINUTES_PER_DAY || passed >= 60) {
      void this.refresh();
      return;
    }
    this.#now = { date: this.#heard.date, minute };
  }
}

const stripKey = ({ from, days }: Strip) => `${from} ${addDays(from, days)}`;
const keyOf = ({ from, to }: ViewSlice) => `${from} ${to}`;
