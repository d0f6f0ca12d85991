// A core in memory with the same door as the real one: it keeps its promises (revisions grow,
// undo restores, notices follow changes) so that the interface can be run and tested in a browser.
import { addDays, daysBetween } from "../lib/civil";
import { Failure, type Backend } from "./backend";
import { readIcs } from "./mock/ics";
import { MockPeople } from "./mock/people";
import { bar, blocks, isAllDay, occurrences } from "./mock/project";
import { seed, SEED_NOW, SEED_ZONE, type SeedName, type StoredEvent } from "./mock/seeds";
import type {
  Admission,
  AskingView,
  CalendarView,
  CreateEvent,
  DeviceDetails,
  DeviceView,
  Done,
  EditEvent,
  EventView,
  ImportFile,
  ImportReport,
  InvitationView,
  InviteAddress,
  InviteView,
  LinkOffer,
  MemberRole,
  Notice,
  PeopleView,
  RepairReport,
  SharedView,
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
  /** Answers every question about days after so long, or not at all. */
  slowMs?: number;
  failing?: boolean;
}

export class MockBackend implements Backend {
  readonly #options: MockOptions;
  #calendars: CalendarView[];
  #events: Map<string, StoredEvent>;
  #revision = 1;
  #made = 0;
  #locked: boolean;
  readonly #people: MockPeople;
  readonly #past = new Map<number, Map<string, StoredEvent>>();
  readonly #listeners = new Set<(notice: Notice) => void>();

  constructor(options: MockOptions) {
    this.#options = options;
    this.#locked = options.passphrase !== undefined;
    this.#people = new MockPeople(options.seed, (notice) => this.#tell(notice));
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
      untouched: this.#options.seed === "empty" && this.#people.relay === null,
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
    this.#tell({ kind: "locked" });
  }

  async calendars(): Promise<CalendarView[]> {
    return this.#calendars.map((calendar) => ({ ...calendar }));
  }

  async view(query: ViewQuery): Promise<ViewSlice> {
    const { slowMs, failing } = this.#options;
    if (slowMs !== undefined) await new Promise((done) => setTimeout(done, slowMs));
    if (failing) throw new Failure("storage", "The calendar could not be read. Nothing is lost.");
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

  async people(calendar: string): Promise<PeopleView> {
    return this.#people.people(calendar);
  }

  async shared(): Promise<SharedView> {
    return this.#people.shared();
  }

  async share(calendar: string, role: MemberRole, name: string | null): Promise<InviteView> {
    return this.#people.share(calendar, role, name);
  }

  async whoAsks(calendar: string): Promise<AskingView[]> {
    return this.#people.whoAsks(calendar);
  }

  async admit({ calendar, person }: Admission): Promise<void> {
    this.#people.admit(calendar, person);
  }

  async setRole(calendar: string, person: string, role: MemberRole): Promise<void> {
    this.#people.setRole(calendar, person, role);
  }

  async removeMember(calendar: string, person: string): Promise<void> {
    this.#people.remove(calendar, person);
  }

  async leaveCalendar(calendar: string): Promise<void> {
    this.#people.leave(calendar);
    this.#change(null, [calendar], () => {
      this.#calendars = this.#calendars.filter((one) => one.id !== calendar);
    });
  }

  async setCompared(person: string, same: boolean): Promise<void> {
    this.#people.setCompared(person, same);
  }

  async takeBack(calendar: string, invite: string): Promise<void> {
    this.#people.takeBack(calendar, invite);
  }

  async inviteAddress(text: string): Promise<InviteAddress> {
    this.#people.read(text);
    const relay = this.#people.relay;
    return { relay: relay ?? "https://relay.example.org", own: relay };
  }

  async viewInvite(text: string): Promise<InvitationView> {
    return this.#people.read(text);
  }

  async acceptInvite(text: string, name: string | null): Promise<InvitationView> {
    return this.#people.accept(text, name);
  }

  async stopWaiting(calendar: string): Promise<void> {
    this.#people.stopWaiting(calendar);
  }

  async useRelay(address: string, code: string): Promise<void> {
    this.#people.useRelay(address, code);
    this.#tell({ kind: "sync", status: await this.syncStatus() });
  }

  async devices(): Promise<DeviceDetails[]> {
    return this.#people.devices();
  }

  async renameDevice(name: string): Promise<void> {
    this.#people.rename(name);
  }

  async revokeDevice(device: string): Promise<DeviceView> {
    return this.#people.revoke(device);
  }

  async openLinking(): Promise<LinkOffer> {
    return this.#people.link();
  }

  async linkingJoined(): Promise<void> {
    return this.#people.joined();
  }

  async confirmLinking(digits: string): Promise<void> {
    this.#people.confirm(digits);
  }

  async stopLinking(): Promise<void> {}

  async linkHere(line: string, name: string): Promise<Startup> {
    if (!/[A-Z0-9]{4}-[A-Z0-9]{4}/.test(line)) {
      throw new Failure("invalidInput", "This is not the line that your other device shows.");
    }
    await this.#people.digits();
    return { ...(await this.startup()), profileName: name, untouched: false };
  }

  async syncStatus(): Promise<SyncStatus> {
    const state = this.#options.sync ?? (this.#people.relay === null ? "local" : "upToDate");
    return {
      outbox: state === "sending" ? 3 : 0,
      quarantined: 0,
      toKnow: 0,
      streams: 2,
      connected: state === "upToDate" || state === "sending",
      devices: state === "local" ? 1 : 2,
      relay: this.#people.relay,
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

  #tell(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  #change(event: string | null, calendars: string[], apply: () => void): Done {
    const undo = this.#revision;
    this.#past.set(undo, new Map(this.#events));
    apply();
    this.#revision += 1;
    const notice: Notice = { kind: "changed", revision: this.#revision, calendars };
    queueMicrotask(() => this.#tell(notice));
    return { revision: this.#revision, event, undo };
  }
}
