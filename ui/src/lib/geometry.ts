// Between pixels and the wall clock. Inline positions run from the start edge, so that a
// right-to-left window needs nothing but its direction.
import { MINUTES_PER_DAY } from "./civil";
import type { Place } from "./layout";

export const HOUR_PX = 48;
export const BLOCK_MIN_PX = 20;
export const SNAP_MINUTES = 15;
/** Free strip at the end edge of a day, so that there is always somewhere to click. */
export const DAY_INSET_PX = 6;
/** Band that a crowded cluster keeps for "+N". */
export const MORE_PX = 28;
/** A press becomes a drag once the pointer has gone this far. */
export const DRAG_PX = 4;
const EDGE_PX = 48;

export type Direction = "ltr" | "rtl";

/** A point in the grid: a day of the view and a minute of it, not yet snapped. */
export interface Point {
  day: number;
  minute: number;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function minuteToPx(minute: number): number {
  return (minute * HOUR_PX) / 60;
}

export function pxToMinute(px: number): number {
  return (px * 60) / HOUR_PX;
}

/** The shortest time a block may occupy without its text being covered. */
export const BLOCK_MIN_MINUTES = Math.max(15, pxToMinute(BLOCK_MIN_PX));

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The start of the step that holds `minute`, within the day. */
export function snapDown(minute: number, step = SNAP_MINUTES): number {
  return clamp(Math.floor(minute / step) * step, 0, MINUTES_PER_DAY - step);
}

/** The nearest step, within the day including its end. */
export function snap(minute: number, step = SNAP_MINUTES): number {
  return clamp(Math.round(minute / step) * step, 0, MINUTES_PER_DAY);
}

/** The grid point under a pointer; positions outside the box hold to its edge. */
export function pointAt(x: number, y: number, box: Box, days: number, dir: Direction): Point {
  const along = dir === "rtl" ? box.left + box.width - x : x - box.left;
  const width = box.width > 0 ? box.width / days : 1;
  return {
    day: clamp(Math.floor(along / width), 0, days - 1),
    minute: clamp(pxToMinute(y - box.top), 0, MINUTES_PER_DAY),
  };
}

/** Edges of a block in its day column. */
export function blockBox(place: Place, start: number, end: number, columnPx: number): Box {
  const band = columnPx - DAY_INSET_PX - (place.crowded ? MORE_PX : 0);
  const unit = Math.max(band, 0) / place.columns;
  return {
    left: place.column * unit + 1,
    top: minuteToPx(start) + 1,
    width: Math.max(place.span * unit - 1, 0),
    height: Math.max(BLOCK_MIN_PX, minuteToPx(end - start) - 1),
  };
}

/** How far to scroll in this frame for a pointer near the top or bottom edge. */
export function autoScroll(y: number, top: number, bottom: number): number {
  if (y < top + EDGE_PX) return -Math.ceil((top + EDGE_PX - y) / 6);
  if (y > bottom - EDGE_PX) return Math.ceil((y - bottom + EDGE_PX) / 6);
  return 0;
}

/** Where a popover stands beside `anchor`: after it if there is room, else before it, in view. */
export function besideAnchor(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
  dir: Direction,
): { left: number; top: number } {
  const gap = 4;
  const margin = 8;
  const right = anchor.left + anchor.width + gap;
  const left = anchor.left - gap - size.width;
  const fitsRight = right + size.width <= view.width - margin;
  const fitsLeft = left >= margin;
  const wanted = dir === "rtl" ? (fitsLeft ? left : right) : fitsRight ? right : left;
  return {
    left: clamp(wanted, margin, Math.max(margin, view.width - size.width - margin)),
    top: clamp(anchor.top, margin, Math.max(margin, view.height - size.height - margin)),
  };
}
