// Calendars and events for the core in memory: an empty profile, a full week, and a crowded one.
// Days count from Monday 23 November 2026; times are Berlin's.
import { addDays, dateTimeText } from "../../lib/civil";
import type { CalendarView, GuestView, StatusView, WhenView } from "../types";

export const SEED_ZONE = "Europe/Berlin";
export const SEED_NOW = { date: "2026-11-25", minute: 11 * 60 + 35 };
const MONDAY = "2026-11-23";

export interface StoredEvent {
  id: string;
  calendar: string;
  title: string;
  place: string;
  notes: string;
  when: WhenView;
  /** Days after the first on which it comes again, every week; empty where it does not repeat. */
  weekly: readonly number[];
  status: StatusView;
  pending: boolean;
  guests: GuestView[];
  url: string | null;
}

export interface Seed {
  calendars: CalendarView[];
  events: StoredEvent[];
}

export type SeedName = "empty" | "typical" | "dense";

interface More {
  place?: string;
  notes?: string;
  weekly?: readonly number[];
  status?: StatusView;
  pending?: boolean;
  guests?: GuestView[];
  url?: string;
}

function stored(
  id: string,
  calendar: string,
  title: string,
  when: WhenView,
  more: More,
): StoredEvent {
  return {
    id,
    calendar,
    title,
    when,
    place: more.place ?? "",
    notes: more.notes ?? "",
    weekly: more.weekly ?? [],
    status: more.status ?? "confirmed",
    pending: more.pending ?? false,
    guests: more.guests ?? [],
    url: more.url ?? null,
  };
}

class Writer {
  readonly events: StoredEvent[] = [];

  /** A timed event; hours with decimals, so that 9.25 is a quarter past nine. */
  at(
    day: number,
    from: number,
    to: number,
    calendar: string,
    title: string,
    more: More = {},
  ): void {
    const date = addDays(MONDAY, day);
    const when: WhenView = {
      kind: "timed",
      start: dateTimeText(date, from * 60),
      end: dateTimeText(date, to * 60),
      zone: SEED_ZONE,
    };
    this.events.push(stored(this.#id(), calendar, title, when, more));
  }

  /** An all-day event, both days inclusive. */
  days(first: number, last: number, calendar: string, title: string, more: More = {}): void {
    const when: WhenView = {
      kind: "allDay",
      start: addDays(MONDAY, first),
      end: addDays(MONDAY, last + 1),
    };
    this.events.push(stored(this.#id(), calendar, title, when, more));
  }

  #id(): string {
    return `seed-${this.events.length + 1}`;
  }
}

const calendar = (id: string, name: string, color: string, hidden = false): CalendarView => ({
  id,
  name,
  color,
  hidden,
});

const PEOPLE: GuestView[] = [
  { name: "Grace Okafor", address: "grace@example.org", status: "accepted" },
  { name: "Tomas Lind", address: "tomas@example.org", status: "accepted" },
  { name: "Mina Rao", address: "mina@example.org", status: "tentative" },
  { name: "Jonas Beck", address: "jonas@example.org", status: "needs-action" },
];

function typical(): Seed {
  const write = new Writer();
  write.days(-2, 1, "product", "Mina on leave");
  write.days(2, 3, "work", "Release 1.4 freeze");
  write.days(4, 9, "family", "Grandma in town");
  write.days(0, 0, "choir", "Concert tickets");
  write.days(1, 4, "university", "Local-first conference, Lisbon");
  write.days(3, 3, "holidays", "Thanksgiving");
  write.days(5, 5, "family", "Lena turns 9");
  write.days(5, 5, "personal", "Winter tyres");
  write.days(5, 6, "choir", "Advent market");
  write.at(0, 9.25, 9.5, "product", "Stand-up", { weekly: [0, 1, 2, 3, 4] });
  write.at(0, 7.5, 8.25, "training", "Canal run", { weekly: [0] });
  write.at(0, 10, 12, "work", "Plan Q1 goals", { place: "Room 4" });
  write.at(0, 10.5, 11.5, "product", "1:1 with Mina");
  write.at(0, 12.5, 13.5, "personal", "Lunch with Omar", { place: "Bistro" });
  write.at(0, 14, 16, "work", "Writing the relay guide");
  write.at(0, 17, 17.5, "personal", "Landlord");
  write.at(0, 19, 20.5, "choir", "Choir rehearsal", { place: "St. Anne’s", weekly: [0] });
  write.at(1, 10, 10.75, "product", "Hiring sync");
  write.at(1, 11, 12, "work", "Board prep", { status: "cancelled" });
  write.at(1, 13, 14, "personal", "Dentist", { place: "Dr. Wolff" });
  write.at(1, 14.5, 16, "university", "Guest lecture", { place: "Hall B" });
  write.at(1, 15, 16.5, "work", "Copy review");
  write.at(1, 18, 19, "training", "Swimming", { weekly: [0] });
  write.at(2, 9.75, 10.75, "work", "Security review", { place: "Room 2" });
  write.at(2, 10.75, 12.25, "product", "Pair: Tomas", { place: "Room 2" });
  write.at(2, 12.5, 13.25, "personal", "Lunch walk");
  write.at(2, 14, 15, "product", "Grid review", {
    place: "Room 4, Harbour House",
    weekly: [0],
    guests: PEOPLE,
    notes:
      "Bring the three overlap cases and the keyboard notes. We decide on the all-day lane today.",
    url: "https://meet.example.org/grid-review",
  });
  write.at(2, 15.5, 16.75, "work", "Vendor demo", { status: "tentative" });
  write.at(2, 18.5, 20, "university", "Pottery class", { place: "Studio 9" });
  write.at(3, 10, 12, "university", "User talks");
  write.at(3, 10.5, 11.25, "work", "Budget check");
  write.at(3, 14, 17, "work", "Focus time", { weekly: [0] });
  write.at(3, 17.5, 18.5, "family", "Parents’ evening", { place: "School" });
  write.at(3, 20, 20.5, "personal", "Call Mum");
  write.at(4, 9.75, 10.25, "work", "Release");
  write.at(4, 10.75, 11.75, "product", "QA run");
  write.at(4, 10.75, 12, "personal", "1:1 Ida");
  write.at(4, 11, 12, "family", "Pick up kids");
  write.at(4, 14, 15.5, "product", "Sprint retro", { place: "Room 4", weekly: [0] });
  write.at(4, 16, 17, "work", "Week notes", { pending: true });
  write.at(4, 19.5, 22, "choir", "String quartet", { place: "City Hall, row 7" });
  write.at(5, 9.5, 10.5, "personal", "Market", { place: "with Lena" });
  write.at(5, 11.5, 13, "family", "Swimming lesson", { place: "Harbour pool" });
  write.at(5, 15, 18, "family", "Lena’s birthday party", { place: "At ours" });
  write.at(6, 9, 11.5, "training", "Long run", { place: "18 km", weekly: [0] });
  write.at(6, 13, 15, "family", "Lunch at Grandma’s");
  write.at(6, 19, 19.75, "personal", "Plan the week");
  around(write);
  return {
    calendars: [
      calendar("personal", "Personal", "blue"),
      calendar("work", "Work", "indigo"),
      calendar("training", "Training", "lime"),
      calendar("choir", "Choir", "violet"),
      calendar("product", "Product team", "teal"),
      calendar("family", "Family", "orange"),
      calendar("flat", "Flat 12", "green", true),
      calendar("university", "University", "pink"),
      calendar("holidays", "Public holidays", "amber"),
    ],
    events: write.events,
  };
}

/** The weeks before and after, so that a month and a year have something to show. */
function around(write: Writer): void {
  write.days(-30, -26, "product", "Offsite, Malmö");
  write.days(-25, -24, "university", "Reading week");
  write.days(-22, -22, "holidays", "All Saints");
  write.days(-19, -17, "work", "Audit of the relay");
  write.days(-16, -15, "family", "Cabin weekend");
  write.days(-12, -12, "family", "St. Martin’s");
  write.days(-11, -8, "training", "Half-marathon taper");
  write.days(10, 12, "personal", "Copenhagen");
  write.days(31, 34, "holidays", "Christmas");
  write.days(39, 39, "holidays", "New Year’s Day");
  write.days(95, 103, "family", "Skiing with the cousins");
  write.at(-28, 10, 11.5, "work", "Roadmap");
  write.at(-25, 19, 20.5, "choir", "Choir rehearsal");
  write.at(-24, 20, 22, "personal", "Film night");
  write.at(-20, 10, 11, "work", "Budget check");
  write.at(-17, 12.5, 13.5, "personal", "Lunch with Omar");
  write.at(-12, 17, 18, "family", "Lantern walk");
  write.at(-10, 16, 17, "personal", "Car inspection");
  write.at(-8, 10, 12.5, "training", "Half marathon");
  write.at(-6, 15, 16, "work", "Press call", { status: "cancelled" });
  write.at(-3, 13, 13.5, "personal", "Passport office");
  write.at(-2, 11.5, 12.5, "family", "Swimming lesson");
  write.at(-1, 22, 25, "choir", "Late set, Kulturhaus");
  write.at(8, 10, 12, "work", "Board meeting");
  write.at(9, 18.5, 20, "university", "Pottery class");
  write.at(13, 16, 17.5, "family", "St. Nicholas");
  write.at(19, 18, 23, "product", "Team dinner", { place: "Harbour House" });
  write.at(38, 20, 26, "personal", "New Year’s Eve");
}

/** Three hundred events in one week, up to nine at a time. */
function dense(): Seed {
  const { calendars } = typical();
  const write = new Writer();
  for (let index = 0; index < 286; index += 1) {
    const from = 7 + ((index * 5) % 52) / 4;
    const length = 0.25 + (index % 7) / 4;
    const owner = calendars[index % calendars.length]?.id ?? "personal";
    write.at(index % 7, from, from + length, owner, `Event ${index + 1}`, { place: "Room 2" });
  }
  for (let index = 0; index < 14; index += 1) {
    const owner = calendars[index % calendars.length]?.id ?? "personal";
    write.days(index % 7, Math.min(6, (index % 7) + (index % 3)), owner, `All day ${index + 1}`);
  }
  return { calendars, events: write.events };
}

export function seed(name: SeedName): Seed {
  if (name === "typical") return typical();
  if (name === "dense") return dense();
  return { calendars: [calendar("personal", "Personal", "blue")], events: [] };
}
