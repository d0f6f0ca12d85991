// People and devices for the core in memory: it keeps the promises of the real one (an invite is for one
// person, who asks is let in by an owner, the last owner stays), so that every state of sharing and
// linking can be looked at in a browser. Nobody is ever asked over a network.
import { Failure } from "../backend";
import type {
  AskingView,
  DeviceDetails,
  InvitationView,
  InviteView,
  LinkOffer,
  MemberRole,
  Moment,
  Notice,
  OpenInviteView,
  PeopleView,
  PersonView,
  SharedView,
} from "../types";
import type { SeedName } from "./seeds";

const RELAY = "https://relay.example.org";
const NOW = { date: "2026-11-25", minute: 695 };
const UNTIL = { date: "2026-12-02", minute: 695 };
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const INVITE_CHARACTERS = 268;
const OFFERED: MemberRole[] = ["freeBusy", "viewer", "editor", "owner"];
const GROUPS = [48213, 90771, 15530, 62894, 31147, 77025, 8461, 55902, 20388, 94416, 3379, 68150];

/** How long people take here, at the pace of whoever looks. */
const PACE_MS = 700;
const wait = () => new Promise((done) => setTimeout(done, PACE_MS));

const numbers = (turn: number) =>
  GROUPS.map((_, at) => String(GROUPS[(at + turn) % GROUPS.length]).padStart(5, "0")).join(" ");

function person(
  index: number,
  name: string,
  role: MemberRole,
  devices: number,
  confirmedAgoS: number | null,
): PersonView {
  const self = index === 0;
  return {
    id: `person-${index}`,
    name,
    role,
    this: self,
    safetyNumber: self ? "" : numbers(index),
    compared: null,
    devices,
    confirmedAgoS,
  };
}

/** A text that looks like an invite; the same for the same seed. */
function inviteText(seed: number): string {
  let state = seed + 1;
  let text = "ALM1";
  while (text.length < INVITE_CHARACTERS) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += ALPHABET[Math.floor(state / 65_536) % ALPHABET.length] ?? "A";
  }
  return text;
}

export class MockPeople {
  readonly #tell: (notice: Notice) => void;
  readonly #people = new Map<string, PersonView[]>();
  readonly #asking = new Map<string, AskingView[]>();
  readonly #invites = new Map<string, OpenInviteView[]>();
  readonly #compared = new Map<string, Moment>();
  #awaited: string[] = [];
  #ownName: string | null = null;
  #relay: string | null;
  #made = 0;
  #devices: DeviceDetails[];

  constructor(seed: SeedName, tell: (notice: Notice) => void) {
    this.#tell = tell;
    const fresh = seed === "empty";
    this.#relay = fresh ? null : RELAY;
    const device = (id: string, name: string, self: boolean, lastSeenAgoS: number | null) => ({
      id,
      name,
      this: self,
      rank: 1,
      since: "2026-09-01T09:00:00Z",
      lastSeen: null,
      lastSeenAgoS,
      mayRevoke: !self,
    });
    this.#devices = [device("d1", "This computer", true, null)];
    if (fresh) return;
    this.#devices.push(device("d2", "Laptop", false, 7_260));
    this.#devices.push(device("d3", "Old desktop", false, null));
    this.#ownName = "Ada Ekström";
    this.#people.set("product", [
      person(0, "Ada Ekström", "owner", 2, null),
      person(1, "Grace Okafor", "editor", 3, 7_300),
      person(2, "Tomas Lind", "editor", 1, 1_000),
      person(3, "Mina Rao", "viewer", 2, null),
      person(4, "Jonas Beck", "freeBusy", 1, null),
    ]);
    this.#people.set("family", [
      person(0, "Ada Ekström", "viewer", 2, null),
      person(5, "Sam Ekström", "owner", 2, 86_500),
      person(6, "Lena", "viewer", 1, null),
    ]);
  }

  get relay(): string | null {
    return this.#relay;
  }

  people(calendar: string): PeopleView {
    const people = this.#of(calendar);
    const self = people.find((one) => one.this);
    return {
      calendar,
      people: people.map((one) => this.#seen(one)),
      role: self?.role ?? null,
      offered: OFFERED,
      invites: self?.role === "owner" ? this.#open(calendar) : [],
      ownName: this.#ownName,
    };
  }

  shared(): SharedView {
    const calendars = [...this.#people].map(([calendar, people]) => ({
      calendar,
      people: people.length,
      role: people.find((one) => one.this)?.role ?? null,
    }));
    return {
      calendars: calendars.filter((one) => one.people > 1),
      awaited: this.#awaited.map((calendar) => ({ calendar })),
      ownName: this.#ownName,
    };
  }

  share(calendar: string, role: MemberRole, name: string | null): InviteView {
    this.#ownName = name ?? this.#ownName;
    this.#made += 1;
    const text = inviteText(this.#made);
    const asks: AskingView = {
      id: `guest-${this.#made}`,
      name: "Nora Quist",
      role,
      expiresMs: 0,
      until: UNTIL,
      safetyNumber: numbers(this.#made + 6),
      compared: null,
    };
    const open = { id: `invite-${this.#made}`, role, by: "", expiresMs: 0, until: UNTIL };
    this.#invites.set(calendar, [...this.#open(calendar), open]);
    // Whoever was invited takes a moment.
    void wait().then(() => {
      if (!this.#open(calendar).includes(open)) return;
      this.#asking.set(calendar, [...(this.#asking.get(calendar) ?? []), asks]);
      this.#tell({ kind: "asked", calendar });
    });
    return { text, role, expiresMs: 0, until: UNTIL };
  }

  whoAsks(calendar: string): AskingView[] {
    return (this.#asking.get(calendar) ?? []).map((one) => this.#seen(one));
  }

  setCompared(person: string, same: boolean): void {
    if (same) this.#compared.set(person, NOW);
    else this.#compared.delete(person);
  }

  takeBack(calendar: string, id: string): void {
    const open = this.#open(calendar);
    if (!open.some((one) => one.id === id)) {
      throw new Failure("notFound", "No open invite is the one you mean. Nothing was changed.");
    }
    this.#invites.set(
      calendar,
      open.filter((one) => one.id !== id),
    );
  }

  admit(calendar: string, id: string): void {
    const asks = this.whoAsks(calendar);
    const found = asks.find((one) => one.id === id);
    if (!found) throw new Failure("notFound", "They no longer ask to be let in.");
    const { name, role, safetyNumber } = found;
    const known = { devices: 1, confirmedAgoS: null, compared: null };
    const joined = { id, name, role, this: false, safetyNumber, ...known };
    this.#invites.set(calendar, this.#open(calendar).slice(1));
    this.#people.set(calendar, [...this.#of(calendar), joined]);
    this.#asking.set(
      calendar,
      asks.filter((one) => one.id !== id),
    );
  }

  setRole(calendar: string, id: string, role: MemberRole): void {
    const people = this.#of(calendar).map((one) => (one.id === id ? { ...one, role } : one));
    this.#people.set(calendar, people);
  }

  remove(calendar: string, id: string): void {
    this.#people.set(
      calendar,
      this.#of(calendar).filter((one) => one.id !== id),
    );
  }

  leave(calendar: string): void {
    const others = this.#of(calendar).filter((one) => !one.this);
    const owns = this.#of(calendar).some((one) => one.this && one.role === "owner");
    if (owns && !others.some((one) => one.role === "owner")) {
      throw new Failure("notAllowed", "You are the only owner of this calendar.");
    }
    this.#people.delete(calendar);
  }

  read(text: string): InvitationView {
    const whole = text.replace(/\s/g, "");
    if (!whole.toUpperCase().startsWith("ALM1") || whole.length < INVITE_CHARACTERS) {
      throw new Failure(
        "inviteInvalid",
        "This is no invite to a calendar, or not all of it. Nothing was changed. Copy the whole text; it begins with ALM1.",
      );
    }
    return {
      calendar: "joined",
      owner: "person-9",
      role: "editor",
      expiresMs: 0,
      until: UNTIL,
      members: 3,
      safetyNumber: numbers(3),
      compared: this.#compared.get("person-9") ?? null,
    };
  }

  accept(text: string, name: string | null): InvitationView {
    const invitation = this.read(text);
    this.#ownName = name ?? this.#ownName;
    this.#awaited = [invitation.calendar];
    return invitation;
  }

  stopWaiting(calendar: string): void {
    this.#awaited = this.#awaited.filter((one) => one !== calendar);
  }

  useRelay(address: string, code: string): void {
    if (code.replace(/[^A-Za-z0-9]/g, "").length !== 20) {
      throw new Failure(
        "inviteInvalid",
        "The relay does not know this code, or it was used. Nothing was changed.",
      );
    }
    this.#relay = address;
  }

  devices(): DeviceDetails[] {
    return this.#devices;
  }

  rename(name: string): void {
    this.#devices = this.#devices.map((one) => (one.this ? { ...one, name } : one));
  }

  revoke(id: string): DeviceDetails {
    const found = this.#devices.find((one) => one.id === id);
    if (!found) throw new Failure("notFound", "None of your devices is called that.");
    this.#devices = this.#devices.filter((one) => one !== found);
    return found;
  }

  link(): LinkOffer {
    return { text: `${this.#relay ?? RELAY} KXWQ-7PLM`, asksCode: false };
  }

  async joined(): Promise<void> {
    await wait();
  }

  confirm(digits: string): void {
    if (digits.replace(/\D/g, "") !== "372457141") {
      throw new Failure(
        "linkingFailed",
        "The digits are not those of the new device. No device was added. Start again on both devices.",
      );
    }
  }

  async digits(): Promise<void> {
    await wait();
    this.#tell({ kind: "digits", digits: "372 457 141" });
    await wait();
    await wait();
  }

  /** Someone as they are shown: with what was compared. */
  #seen<T extends { id: string }>(one: T): T & { compared: Moment | null } {
    return { ...one, compared: this.#compared.get(one.id) ?? null };
  }

  #open(calendar: string): OpenInviteView[] {
    return this.#invites.get(calendar) ?? [];
  }

  #of(calendar: string): PersonView[] {
    return this.#people.get(calendar) ?? [person(0, this.#ownName ?? "", "owner", 1, null)];
  }
}
