// A core in memory with the same door as the real one: it keeps its promises (revisions grow,
// undo restores, notices follow changes) so that the interface can be run and tested in a browser.
import { addDays, daysBetween } from "../lib/civil";
import { Failure, type Backend } from "./backend";
import { readIcs } from "./mock/ics";
import { bar, blocks, isAllDay, occurrences } from "./mock/project";
import { seed, SEED_NOW, SEED_ZONE, type SeedName, type StoredEvent } from "./mock/seeds";
import type {
  CalendarView,
  CreateEvent,
  Done,
  EditEvent,
  EventView,
  ImportFile,
  ImportReport,
  Notice,
  RepairReport,
  Startup,
  SyncDetails,
  SyncStatus,
  Theme,
  ViewQuery,
  ViewSlice,
} from "./types";
import { syncDetailsOf } from "./mock/sync";

export interface MockOptions {
  seed: SeedName;
  theme?: Theme;
  sync?: SyncStatus["state"];
  /** Refuses to start with this sentence. */
  broken?: string;
  /** Asks for this passphrase first. */
  passphrase?: string;
}

export class MockBackend implements Backend {
  readonly #options: MockOptions;
  #calendars: CalendarView[];
  #events: Map<string, StoredEvent>;
  #revision = 1;
  #made = 0;
  #locked: boolean;
  readonly #past = new Map<number, Map<string, StoredEvent>>();
  readonly #listeners = new Set<(notice: Notice) => void>();

  constructor(options: MockOptions) {
    this.#options = options;
    this.#locked = options.passphrase !== undefined;
    const { calendars, events } = seed(options.seed);
    this.#calendars = calendars;
    this.#events = new Map(events.map((event) => [event.id, event]));
  }

  async startup(): Promise<Startup> {
    if (this.#options.broken) throw new Failure("keychain", this.#options.broken);
    if (this.#locked) throw new Failure("locked", "Almanac is locked.");
    return {
      locale: "en-GB",
      firstDay: 1,
      hourCycle: "h23",
      zone: SEED_ZONE,
      theme: this.#options.theme ?? "system",
      profileName: "This computer",
    };
  }

  async unlock(passphrase: string): Promise<Startup> {
    if (passphrase !== this.#options.passphrase) {
      throw new Failure("wrongPassphrase", "The passphrase is not the one of this profile.");
    }
    this.#locked = false;
    return this.startup();
  }

  async seen(): Promise<void> {}

  /** As if nobody had been there for long. */
  lock(): void {
    this.#locked = true;
    for (const listener of this.#listeners) listener({ kind: "locked" });
  }

  async calendars(): Promise<CalendarView[]> {
    return this.#calendars.map((calendar) => ({ ...calendar }));
  }

  async view(query: ViewQuery): Promise<ViewSlice> {
    const days = daysBetween(query.from, query.to);
    const slice: ViewSlice = {
      revision: this.#revision,
      zone: query.zone ?? SEED_ZONE,
      from: query.from,
      to: query.to,
      now: SEED_NOW,
      days: Array.from({ length: days }, (_, day) => ({
        date: addDays(query.from, day),
        transitions: [],
      })),
      timed: [],
      allDay: [],
    };
    for (const event of this.#events.values()) {
      const calendar = this.#calendars.find((known) => known.id === event.calendar);
      if (!(query.calendars?.includes(event.calendar) ?? !calendar?.hidden)) continue;
      for (const occurrence of occurrences(event, query.from, query.to)) {
        if (isAllDay(occurrence)) slice.allDay.push(bar(occurrence, calendar, query.from, days));
        else slice.timed.push(...blocks(occurrence, calendar, query.from, days));
      }
    }
    return slice;
  }

  async event(id: string, occurrence?: string): Promise<EventView> {
    const event = this.#known(id);
    const calendar = this.#calendars.find((known) => known.id === event.calendar);
    const repeats = event.weekly.length > 0;
    return {
      event: id,
      occurrence: occurrence ?? event.when.start,
      calendar: event.calendar,
      calendarName: calendar?.name ?? "",
      color: calendar?.color ?? "gray",
      title: event.title,
      place: event.place,
      notes: event.notes,
      when: event.when,
      rule: repeats ? "FREQ=WEEKLY" : null,
      ruleWords: repeats ? "Every week" : null,
      guests: event.guests,
      url: event.url,
      pending: event.pending,
    };
  }

  async create(input: CreateEvent): Promise<Done> {
    this.#made += 1;
    const id = `made-${this.#made}`;
    return this.#change(id, [input.calendar], () => {
      this.#events.set(id, {
        id,
        calendar: input.calendar,
        title: input.title,
        place: input.place,
        notes: input.notes,
        when: input.when,
        weekly: [],
        status: "confirmed",
        pending: false,
        guests: [],
        url: null,
      });
    });
  }

  async edit(input: EditEvent): Promise<Done> {
    const before = this.#known(input.event);
    const calendar = input.calendar ?? before.calendar;
    return this.#change(input.event, [before.calendar, calendar], () => {
      this.#events.set(input.event, {
        ...before,
        calendar,
        title: input.title ?? before.title,
        place: input.place ?? before.place,
        notes: input.notes ?? before.notes,
        when: input.when ?? before.when,
      });
    });
  }

  async remove(event: string): Promise<Done> {
    const before = this.#known(event);
    return this.#change(event, [before.calendar], () => void this.#events.delete(event));
  }

  async undo(token: number): Promise<Done> {
    const before = this.#past.get(token);
    if (!before) throw new Failure("notFound", "This can no longer be undone.");
    this.#past.delete(token);
    return this.#change(null, [], () => void (this.#events = before));
  }

  async importIcs(input: ImportFile): Promise<ImportReport> {
    const { events, problems } = readIcs(new TextDecoder().decode(new Uint8Array(input.bytes)));
    const fresh = events.filter((event) => !this.#events.has(event.uid));
    this.#change(null, [input.calendar], () => {
      for (const { uid, title, place, when } of fresh) {
        this.#events.set(uid, {
          ...{ id: uid, calendar: input.calendar, title, place, when, notes: "" },
          ...{ weekly: [], status: "confirmed", pending: false, guests: [], url: null },
        });
      }
    });
    const unchanged = events.length - fresh.length;
    return { imported: fresh.length, updated: 0, unchanged, kept: 0, replaced: 0, problems };
  }

  async addCalendar(name: string, color: string): Promise<CalendarView> {
    const calendar = { id: `calendar-${this.#calendars.length + 1}`, name, color, hidden: false };
    this.#change(null, [calendar.id], () => this.#calendars.push(calendar));
    return { ...calendar };
  }

  async setCalendarHidden(id: string, hidden: boolean): Promise<void> {
    this.#change(null, [id], () => {
      this.#calendars = this.#calendars.map((one) => (one.id === id ? { ...one, hidden } : one));
    });
  }

  async syncStatus(): Promise<SyncStatus> {
    const state = this.#options.sync ?? (this.#options.seed === "empty" ? "local" : "upToDate");
    return {
      outbox: state === "sending" ? 3 : 0,
      quarantined: 0,
      toKnow: 0,
      streams: 2,
      connected: state === "upToDate" || state === "sending",
      devices: state === "local" ? 1 : 2,
      relay: state === "local" ? null : "wss://relay.example.org",
      state,
      message: null,
    };
  }

  async syncDetails(): Promise<SyncDetails> {
    const status = await this.syncStatus();
    return { ...status, ...syncDetailsOf(status.state) };
  }

  async repair(): Promise<RepairReport> {
    return { documents: this.#events.size, accepted: 0, setAside: 0, streams: 2 };
  }

  async listen(heard: (notice: Notice) => void): Promise<() => void> {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  async ready(): Promise<void> {}

  #known(id: string): StoredEvent {
    const event = this.#events.get(id);
    if (!event) throw new Failure("notFound", "This event is no longer here.");
    return event;
  }

  #change(event: string | null, calendars: string[], apply: () => void): Done {
    const undo = this.#revision;
    this.#past.set(undo, new Map(this.#events));
    apply();
    this.#revision += 1;
    const notice: Notice = { kind: "changed", revision: this.#revision, calendars };
    queueMicrotask(() => this.#listeners.forEach((heard) => heard(notice)));
    return { revision: this.#revision, event, undo };
  }
}
