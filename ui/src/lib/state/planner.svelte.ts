// The week on the table: which days, what is in them, and what time it is. It asks the core again
// whenever the core says that something changed, and never on a timer of its own.
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
import { addDays, MINUTES_PER_DAY, startOfWeek } from "../civil";
import type { Clock } from "../clock";
import { Formats } from "../format";
import { words } from "../words";

export const DAYS = 7;
const SLOW_MS = 150;
const CACHE_MAX = 12;

export class Planner {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly startup: Startup;
  readonly formats: Formats;
  /** Whether this person may write into a calendar; who shares it knows. */
  mayWrite: (calendar: string) => boolean = () => true;

  #anchor = $state("");
  #slice = $state.raw<ViewSlice | null>(null);
  #calendars = $state.raw<CalendarView[]>([]);
  #sync = $state.raw<SyncStatus | null>(null);
  #failure = $state.raw<Failure | null>(null);
  #slow = $state(false);
  #now = $state.raw<Moment>({ date: "", minute: 0 });

  #heardAt = 0;
  #heard: Moment = { date: "", minute: 0 };
  #asked = 0;
  #calendarsAsked = 0;
  #syncAsked = 0;
  readonly #cache = new Map<string, ViewSlice>();

  readonly weekStart = $derived.by(() => startOfWeek(this.#anchor, this.startup.firstDay));
  readonly dates = $derived.by(() =>
    Array.from({ length: DAYS }, (_, day) => addDays(this.weekStart, day)),
  );
  /** The slice of the week on show; null until it has come. */
  readonly slice = $derived.by(() => (this.#slice?.from === this.weekStart ? this.#slice : null));
  readonly #hidden = $derived.by(
    () => new Set(this.#calendars.filter((one) => one.hidden).map((one) => one.id)),
  );
  readonly timed: TimedBlock[] = $derived.by(
    () => this.slice?.timed.filter((block) => !this.#hidden.has(block.calendar)) ?? [],
  );
  readonly allDay: AllDayBar[] = $derived.by(
    () => this.slice?.allDay.filter((bar) => !this.#hidden.has(bar.calendar)) ?? [],
  );

  constructor(backend: Backend, clock: Clock, startup: Startup) {
    this.#backend = backend;
    this.#clock = clock;
    this.startup = startup;
    this.formats = new Formats(startup);
    this.#anchor = clock.guessDate();
    this.#now = { date: this.#anchor, minute: 0 };
  }

  get anchor(): string {
    return this.#anchor;
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

  get failure(): Failure | null {
    return this.#failure;
  }

  /** Whether the week has been awaited long enough to say so. */
  get slow(): boolean {
    return this.#slow;
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
    if (this.#now.date !== this.#anchor && this.slice?.now.date) this.goTo(this.#now.date);
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

  goTo(date: string): void {
    this.#anchor = date;
    void this.#load();
  }

  page(weeks: number): void {
    this.goTo(addDays(this.#anchor, weeks * DAYS));
  }

  /** Forgets what it knows of other weeks and asks for this one again. */
  async refresh(): Promise<void> {
    this.#cache.clear();
    await this.#load();
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
    const from = this.weekStart;
    const asked = ++this.#asked;
    const known = this.#cache.get(from);
    if (known) {
      this.#slice = known;
      return;
    }
    const slow = setTimeout(() => (this.#slow = true), SLOW_MS);
    try {
      const slice = await this.#ask(from);
      if (asked !== this.#asked) return;
      this.#slice = slice;
      this.#failure = null;
      void this.#prefetch(from);
    } catch (thrown) {
      if (asked === this.#asked) this.#failure = asFailure(thrown, words.failure.unexpected);
    } finally {
      clearTimeout(slow);
      if (asked === this.#asked) this.#slow = false;
    }
  }

  async #ask(from: string): Promise<ViewSlice> {
    const slice = await this.#backend.view({ from, to: addDays(from, DAYS) });
    if (this.#cache.size >= CACHE_MAX) this.#cache.clear();
    this.#cache.set(from, slice);
    this.#heard = slice.now;
    this.#heardAt = this.#clock.elapsed();
    this.#now = slice.now;
    return slice;
  }

  /** The neighbours, so that paging shows them at once. */
  async #prefetch(from: string): Promise<void> {
    for (const days of [DAYS, -DAYS]) {
      const start = addDays(from, days);
      if (this.#cache.has(start)) continue;
      try {
        await this.#ask(start);
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
    if (this.#slice && notice.revision <= this.#slice.revision) return;
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
