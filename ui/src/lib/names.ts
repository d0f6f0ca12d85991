// Accessible names of events: the whole story in one sentence, the day included, so that a block
// makes sense without the picture around it.
import type { AllDayBar, TimedBlock } from "../ipc/types";
import { addDays, splitDateTime } from "./civil";
import type { Formats } from "./format";
import { words } from "./words";

type Named = TimedBlock | AllDayBar;

export function titleOf(title: string): string {
  return title.trim() === "" ? words.untitled : title;
}

/** "Stand-up, Monday 23 November, 09:00 to 09:15, Work calendar, repeats". */
export function blockName(block: TimedBlock, calendar: string, formats: Formats): string {
  const start = splitDateTime(block.start);
  const end = splitDateTime(block.end);
  const parts = [titleOf(block.title), formats.longDate(start.date)];
  const until = formats.time(end.minute);
  const endText = start.date === end.date ? until : `${formats.longDate(end.date)} ${until}`;
  parts.push(words.spokenRange(formats.time(start.minute), endText));
  return [...parts, ...traits(block, calendar)].join(", ");
}

export function barName(bar: AllDayBar, calendar: string, formats: Formats): string {
  const start = splitDateTime(bar.start);
  const timed = bar.start.length > 10;
  const end = splitDateTime(bar.end);
  const last = timed ? end.date : addDays(end.date, -1);
  const parts = [titleOf(bar.title)];
  if (timed) {
    const from = `${formats.longDate(start.date)} ${formats.time(start.minute)}`;
    parts.push(
      words.spokenRange(from, `${formats.longDate(end.date)} ${formats.time(end.minute)}`),
    );
  } else if (last > start.date) {
    parts.push(words.spokenRange(formats.longDate(start.date), formats.longDate(last)));
    parts.push(words.event.allDay.toLowerCase());
  } else {
    parts.push(formats.longDate(start.date), words.event.allDay.toLowerCase());
  }
  return [...parts, ...traits(bar, calendar)].join(", ");
}

function traits(item: Named, calendar: string): string[] {
  const parts: string[] = [];
  if (item.place) parts.push(item.place);
  if (calendar) parts.push(words.event.inCalendar(calendar));
  if (item.repeats) parts.push(words.event.repeats);
  if (item.status !== "confirmed") parts.push(words.event[item.status]);
  if (item.pending) parts.push(words.event.pending);
  return parts;
}
