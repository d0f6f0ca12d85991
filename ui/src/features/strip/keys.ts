// The keys of the time grid and of the blocks in it. True when a key was used up.
import type { TimedBlock } from "../../ipc/types";
import type { Nudge } from "../../lib/interaction";
import type { Grid } from "./grid.svelte";

const nudges: Record<string, Nudge> = {
  ArrowUp: { days: 0, minutes: -15, endOnly: false },
  ArrowDown: { days: 0, minutes: 15, endOnly: false },
  PageUp: { days: 0, minutes: -60, endOnly: false },
  PageDown: { days: 0, minutes: 60, endOnly: false },
  ArrowLeft: { days: -1, minutes: 0, endOnly: false },
  ArrowRight: { days: 1, minutes: 0, endOnly: false },
};

export function gridKey(
  event: KeyboardEvent,
  grid: Grid,
  block: TimedBlock | null,
  onGrid: boolean,
): boolean {
  if (block) return blockKey(event, grid, block);
  return onGrid ? cursorKey(event, grid) : false;
}

function blockKey(event: KeyboardEvent, grid: Grid, block: TimedBlock): boolean {
  const nudge = event.altKey ? nudges[event.key] : undefined;
  if (nudge) {
    const endOnly = event.shiftKey && nudge.days === 0;
    grid.nudge(block, { ...nudge, endOnly });
    return true;
  }
  if (!grid.nudging) return false;
  if (event.key === "Enter") grid.feed({ kind: "commit" });
  else if (event.key === "Escape") grid.takeBack();
  else return false;
  return true;
}

function cursorKey(event: KeyboardEvent, grid: Grid): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  switch (event.key) {
    case "ArrowUp":
      return walk(grid, 0, -1);
    case "ArrowDown":
      return walk(grid, 0, 1);
    case "ArrowLeft":
      return walk(grid, -1, 0);
    case "ArrowRight":
      return walk(grid, 1, 0);
    case "PageUp":
      grid.page(-1);
      return true;
    case "PageDown":
      grid.page(1);
      return true;
    case "Home":
      grid.toDay(0);
      return true;
    case "End":
      grid.toEnd();
      return true;
    case "Enter":
      grid.createHere("");
      return true;
    default:
      return typed(event, grid);
  }
}

function walk(grid: Grid, days: number, slots: number): boolean {
  grid.walk(days, slots);
  return true;
}

/** A letter or digit while the cursor is out begins a title; the signs stay shortcuts. */
function typed(event: KeyboardEvent, grid: Grid): boolean {
  if (!grid.cursor || event.key.length !== 1 || !/[\p{L}\p{N}]/u.test(event.key)) return false;
  grid.createHere(event.key);
  return true;
}
