// The pointer over the month: what it presses, drags and lets go, with the weeks coming along where
// it is near the upper or lower edge.
import { dayNumber } from "../../lib/civil";
import { autoScroll } from "../../lib/geometry";
import type { WeekItem } from "../../lib/weeks";
import type { MonthGrid } from "./month.svelte";
import type { MonthRows } from "./rows.svelte";

export class MonthPointer {
  readonly #rows: MonthRows;
  readonly #grid: MonthGrid;
  #at = { x: 0, y: 0 };
  #frame = 0;
  /** Whether a click follows that belongs to a drag. */
  #dragged = false;

  constructor(rows: MonthRows, grid: MonthGrid) {
    this.#rows = rows;
    this.#grid = grid;
  }

  press({ clientX: x, clientY: y }: PointerEvent, date: string, item: WeekItem | null): void {
    this.#dragged = false;
    this.#grid.press(date, item, x, y);
  }

  move(event: PointerEvent): void {
    const grid = this.#grid;
    if (!grid.pressed && !grid.dragging) return;
    const before = grid.dragging;
    this.#at = { x: event.clientX, y: event.clientY };
    this.#drag();
    if (before || !grid.dragging) return;
    this.#dragged = true;
    this.#rows.canvas?.setPointerCapture(event.pointerId);
    this.#frame = requestAnimationFrame(() => this.#pull());
  }

  release(): void {
    if (this.#grid.pressed || this.#grid.dragging) this.#grid.feed({ kind: "release" });
  }

  click(event: MouseEvent): void {
    if (this.#dragged) event.stopPropagation();
    this.#dragged = false;
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }

  #drag(): void {
    const { x, y } = this.#at;
    this.#grid.feed({ kind: "drag", day: dayNumber(this.#rows.dateAt(x, y)), x, y });
  }

  #pull(): void {
    const { scroller } = this.#rows;
    if (!this.#grid.dragging || !scroller) return;
    const box = scroller.getBoundingClientRect();
    const by = autoScroll(this.#at.y, box.top, box.bottom);
    if (by !== 0) {
      this.#rows.scrollBy(by);
      this.#drag();
    }
    this.#frame = requestAnimationFrame(() => this.#pull());
  }
}
