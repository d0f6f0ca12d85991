// What the interface asks of the core, whoever answers: the desktop window, or a core in memory.
// Every promise rejects with a Failure, whose message is a finished sentence for a person.
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
  RevokeWord,
  SharedView,
  Startup,
  SyncDetails,
  SyncStatus,
  ViewQuery,
  ViewSlice,
} from "./types";

export interface Backend {
  /** Locale, clock habits and profile; also opens the profile, so it is asked first. */
  startup(): Promise<Startup>;
  /** The same, of a profile that asks for a passphrase. */
  unlock(passphrase: string): Promise<Startup>;
  /** Says that a person is there, so that the program does not lock. */
  seen(): Promise<void>;
  calendars(): Promise<CalendarView[]>;
  /** Everything that touches the days of `query`, already projected to wall-clock minutes. */
  view(query: ViewQuery): Promise<ViewSlice>;
  /** One event; with `occurrence`, as it stands on that day. */
  event(event: string, occurrence?: string): Promise<EventView>;
  create(input: CreateEvent): Promise<Done>;
  edit(input: EditEvent): Promise<Done>;
  remove(event: string): Promise<Done>;
  undo(token: number): Promise<Done>;
  importIcs(input: ImportFile): Promise<ImportReport>;
  addCalendar(name: string, color: string): Promise<CalendarView>;
  setCalendarHidden(id: string, hidden: boolean): Promise<void>;
  /** Who is in a calendar, from what is here. */
  people(calendar: string): Promise<PeopleView>;
  /** What is shared with others, and what has been asked for. */
  shared(): Promise<SharedView>;
  /** Opens an invite for one person. `name` is how others see whoever is here; asked for once. */
  share(calendar: string, role: MemberRole, name: string | null): Promise<InviteView>;
  /** Who asks to be let in; only owners may ask. */
  whoAsks(calendar: string): Promise<AskingView[]>;
  admit(admission: Admission): Promise<void>;
  setRole(calendar: string, person: string, role: MemberRole): Promise<void>;
  removeMember(calendar: string, person: string): Promise<void>;
  leaveCalendar(calendar: string): Promise<void>;
  /** Remembers that the numbers of a person were the same on both sides, or forgets it. */
  setCompared(person: string, same: boolean): Promise<void>;
  /** Nobody can ask with this invite any more. */
  takeBack(calendar: string, invite: string): Promise<void>;
  /** Where the calendar of an invite is kept; asks nobody. */
  inviteAddress(text: string): Promise<InviteAddress>;
  /** What an invite offers; nobody hears of it. */
  viewInvite(text: string): Promise<InvitationView>;
  /** Asks to be let in; `call` is what whoever asks calls it, where its own name is not shown. */
  acceptInvite(text: string, name: string | null, call: string | null): Promise<InvitationView>;
  stopWaiting(calendar: string): Promise<void>;
  /** Sets the relay, with a code of whoever runs it. */
  useRelay(address: string, code: string): Promise<void>;
  devices(): Promise<DeviceDetails[]>;
  renameDevice(name: string): Promise<void>;
  revokeDevice(device: string, reason: RevokeWord): Promise<DeviceView>;
  /** Begins to wait for a new device. */
  openLinking(): Promise<LinkOffer>;
  /** Answers once the new device has shown itself. */
  linkingJoined(): Promise<void>;
  /** Adds the device that shows these digits. */
  confirmLinking(digits: string, code: string | null): Promise<void>;
  /** Ends a linking, on either side. */
  stopLinking(): Promise<void>;
  /** Makes this a device of another account; a notice tells the digits meanwhile. */
  linkHere(line: string, name: string): Promise<Startup>;
  syncStatus(): Promise<SyncStatus>;
  /** The same, with what was set aside, what other devices confirmed, and what to know. */
  syncDetails(): Promise<SyncDetails>;
  /** Builds every cache again and has everything compared with the relay. */
  repair(): Promise<RepairReport>;
  /** Calls `heard` for every notice until the returned function is called. */
  listen(heard: (notice: Notice) => void): Promise<() => void>;
  /** Says that the first frame is painted, so that the window may be shown. */
  ready(): Promise<void>;
}

/** A refusal or breakdown in words for a person, with a code for the program. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "Failure";
  }
}

/** Any thrown value as a Failure; what is not one already becomes `unexpected`. */
export function asFailure(thrown: unknown, otherwise: string): Failure {
  if (thrown instanceof Failure) return thrown;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    return new Failure(String(thrown.code), String(thrown.message));
  }
  return new Failure("unexpected", otherwise);
}
