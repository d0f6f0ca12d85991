// The keys of the month: those of its days and those of what stands in them. True when a key was
// used up.
import { arrowDays, stepped } from "../../lib/day-keys";
import type { WeekItem } from "../../lib/weeks";
import type { MonthGrid } from "./month.svelte";

export function dayKey(
  event: KeyboardEvent,
  grid: MonthGrid,
  date: string,
  firstDay: number,
  isRtl: boolean,
  goTo: (date: string) => Promise<void>,
): boolean {
  if (event.altKey || event.metaKey || event.isComposing) return false;
  const to = stepped(event, date, firstDay, isRtl);
  if (to !== null) {
    grid.isLed = true;
    void goTo(to);
  } else if (event.ctrlKey) return false;
  else if (event.key === "Enter") grid.create(date, date);
  else if (event.key === " ") grid.openDay(date);
  else if (grid.isLed && isTyped(event)) grid.create(date, date, event.key);
  else return false;
  return true;
}

/** A letter or digit begins a title, where the keyboard leads; else it is a shortcut. */
function isTyped({ key }: KeyboardEvent): boolean {
  return key.length === 1 && /[\p{L}\p{N}]/u.test(key);
}

export function itemKey(
  event: KeyboardEvent,
  grid: MonthGrid,
  item: WeekItem,
  isRtl: boolean,
): boolean {
  const days = event.altKey ? arrowDays(event.key, isRtl) : undefined;
  if (days !== undefined) {
    grid.nudge(item, days);
    return true;
  }
  if (!grid.nudging) return false;
  if (event.key === "Enter") grid.feed({ kind: "commit" });
  else if (event.key === "Escape") grid.takeBack();
  else return false;
  return true;
}
