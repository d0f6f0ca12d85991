// The keys of the month: those of its days and those of what stands in them. True when a key was
// used up.
import { addDays, addMonths, startOfWeek } from "../../lib/civil";
import { startOfMonth } from "../../lib/views";
import type { WeekItem } from "../../lib/weeks";
import type { MonthGrid } from "./month.svelte";

const arrows: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};

/** Days that an arrow leads on; left and right change places where text runs the other way. */
function arrowDays(key: string, isRtl: boolean): number | undefined {
  const days = arrows[key];
  return days !== undefined && isRtl && Math.abs(days) === 1 ? -days : days;
}

/** The day that a key leads to from another. */
function stepped(event: KeyboardEvent, date: string, firstDay: number, isRtl: boolean) {
  const days = arrowDays(event.key, isRtl);
  if (days !== undefined) return addDays(date, days);
  switch (event.key) {
    case "Home":
      return event.ctrlKey ? startOfMonth(date) : startOfWeek(date, firstDay);
    case "End":
      if (event.ctrlKey) return addDays(addMonths(startOfMonth(date), 1), -1);
      return addDays(startOfWeek(date, firstDay), 6);
    case "PageUp":
      return addMonths(date, -1);
    case "PageDown":
      return addMonths(date, 1);
    default:
      return null;
  }
}

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
  if (to !== null) void goTo(to);
  else if (event.ctrlKey) return false;
  else if (event.key === "Enter") grid.create(date, date);
  else if (event.key === " ") grid.openDay(date);
  else if (isTyped(event)) grid.create(date, date, event.key);
  else return false;
  return true;
}

/** A letter or digit begins a title, where the keyboard leads; else it is a shortcut. */
function isTyped(event: KeyboardEvent): boolean {
  const leads = event.target instanceof HTMLElement && event.target.matches(":focus-visible");
  return leads && event.key.length === 1 && /[\p{L}\p{N}]/u.test(event.key);
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
