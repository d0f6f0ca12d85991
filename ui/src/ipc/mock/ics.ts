// Just enough of an .ics reader to try the import screen without a core: one line per property,
// no folding, no zones. The real reader is the core's.
import { addDays, dateTimeText, isDate, splitDateTime } from "../../lib/civil";
import type { ProblemView, WhenView } from "../types";
import { SEED_ZONE } from "./seeds";

export interface ReadEvent {
  uid: string;
  title: string;
  place: string;
  when: WhenView;
}

export function readIcs(text: string): { events: ReadEvent[]; problems: ProblemView[] } {
  const events: ReadEvent[] = [];
  const problems: ProblemView[] = [];
  let fields: Map<string, string> | null = null;
  let begunAt = 0;
  text.split(/\r?\n/).forEach((line, index) => {
    if (line === "BEGIN:VEVENT") {
      fields = new Map();
      begunAt = index + 1;
    } else if (line === "END:VEVENT" && fields) {
      const event = eventOf(fields);
      if (event) events.push(event);
      else {
        const uid = fields.get("UID") ?? null;
        problems.push({
          line: begunAt,
          uid,
          message: "This event has no start, so it was left out.",
        });
      }
      fields = null;
    } else if (fields) {
      const match = /^([A-Z-]+)[^:]*:(.*)$/.exec(line);
      if (match?.[1]) fields.set(match[1], match[2] ?? "");
    }
  });
  return { events, problems };
}

function eventOf(fields: ReadonlyMap<string, string>): ReadEvent | null {
  const when = whenOf(fields.get("DTSTART"), fields.get("DTEND"));
  if (!when) return null;
  const title = fields.get("SUMMARY") ?? "";
  return { uid: fields.get("UID") ?? title, title, place: fields.get("LOCATION") ?? "", when };
}

function whenOf(start: string | undefined, end: string | undefined): WhenView | null {
  const from = valueOf(start);
  if (!from) return null;
  const until = valueOf(end);
  if (from.length === 10) return { kind: "allDay", start: from, end: until ?? addDays(from, 1) };
  const { date, minute } = splitDateTime(from);
  return {
    kind: "timed",
    start: from,
    end: until ?? dateTimeText(date, minute + 60),
    zone: SEED_ZONE,
  };
}

function valueOf(value: string | undefined): string | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2}))?/.exec(value ?? "");
  if (!match) return null;
  const date = `${match[1]}-${match[2]}-${match[3]}`;
  if (!isDate(date)) return null;
  return match[4] ? `${date}T${match[4]}:${match[5]}` : date;
}
