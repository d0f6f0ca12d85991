// Keys that lead from day to day, wherever days stand in a grid.
import { addDays, addMonths, startOfWeek } from "./civil";
import { startOfMonth } from "./views";

const arrows: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};

/** Days that an arrow leads on; left and right change places where text runs the other way. */
export function arrowDays(key: string, isRtl: boolean): number | undefined {
  const days = arrows[key];
  return days !== undefined && isRtl && Math.abs(days) === 1 ? -days : days;
}

/** The day that a key leads to from another; null for other keys. */
export function stepped(
  event: Pick<KeyboardEvent, "key" | "ctrlKey">,
  date: string,
  firstDay: number,
  isRtl: boolean,
): string | null {
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
