// The time of an open event in lines to read: as the week shows it where it does, else as it was
// written, with its zone named.
import type { AllDayBar, TimedBlock, WhenView } from "../../ipc/types";
import { addDays, daysBetween, minutesBetween, splitDateTime } from "../../lib/civil";
import type { Formats } from "../../lib/format";
import { words } from "../../lib/words";

export interface WhenLines {
  date: string;
  /** Null where there is no time of day. */
  time: string | null;
  length: string;
  zone: string | null;
}

export function whenLines(
  when: WhenView,
  shown: TimedBlock | AllDayBar | undefined,
  zone: string,
  formats: Formats,
): WhenLines {
  const start = shown?.start ?? when.start;
  const end = shown?.end ?? when.end;
  if (when.kind === "allDay") return allDayLines(start, end, formats);
  const from = splitDateTime(start);
  const to = splitDateTime(end);
  const foreign = when.kind === "timed" && !shown && when.zone !== zone;
  const lines = {
    length: words.event.duration(minutesBetween(start, end)),
    zone: foreign
      ? words.event.inZone(when.zone)
      : when.kind === "floating"
        ? words.event.floating
        : null,
  };
  if (from.date === to.date) {
    const time = formats.timeRange(from.minute, to.minute);
    return { ...lines, date: formats.longDate(from.date), time };
  }
  const date = words.range(formats.longDate(from.date), formats.longDate(to.date));
  return { ...lines, date, time: formats.timeRange(from.minute, to.minute) };
}

function allDayLines(start: string, end: string, formats: Formats): WhenLines {
  const days = daysBetween(start, end);
  const last = addDays(end, -1);
  const date =
    days > 1
      ? words.range(formats.longDate(start), formats.longDate(last))
      : formats.longDate(start);
  const length = days > 1 ? words.event.duration(days * 1440) : words.event.allDay;
  return { date, time: null, length, zone: null };
}
