// Which weeks the month shows and where they stand. Rows are as high as lets six of them fill the
// view; when that changes, the weeks on show stay where they are.
import { addDays } from "../../lib/civil";
import type { Planner } from "../../lib/state/planner.svelte";
import { isSameMonth, startOfMonth } from "../../lib/views";
import { dayUnder, scrolledTo, weekDate, weekNumber, weeksSeen } from "../../lib/weeks";

const ROWS = 6;
/** Heights at the ordinary size of text: the dates, one event, the least row. */
const BAND_PX = 26;
const PITCH_PX = 22;
const ROW_MIN_PX = 78;

export class MonthRows {
  readonly #planner: Planner;
  readonly #firstDay: number;
  scroller = $state<HTMLElement>();
  canvas = $state<HTMLElement>();
  height = $state(0);
  #top = $state(0);
  #zoom = $state(1);
  /** Weeks above the upper edge, with a fraction. */
  #place = 0;

  readonly rowPx = $derived.by(() =>
    Math.max(Math.ceil(this.height / ROWS), Math.ceil(ROW_MIN_PX * this.#zoom)),
  );
  /** Events that a day has room for. */
  readonly slots = $derived.by(() => {
    const room = this.rowPx - BAND_PX * this.#zoom;
    return Math.max(1, Math.floor(room / (PITCH_PX * this.#zoom)));
  });
  readonly #seen = $derived.by(() => weeksSeen(this.#top, this.height, this.rowPx));
  readonly first = $derived.by(() => this.#seen.first);
  readonly last = $derived.by(() => this.#seen.last);
  readonly numbers = $derived.by(() =>
    Array.from({ length: this.last - this.first + 1 }, (_, index) => this.first + index),
  );

  constructor(planner: Planner) {
    this.#planner = planner;
    this.#firstDay = planner.startup.firstDay;
    this.measureText();
  }

  measureText(): void {
    const { fontSize } = getComputedStyle(document.documentElement);
    this.#zoom = Number.parseFloat(fontSize) / 16;
  }

  /** The month of a day, from its first week on. */
  showMonth(date: string): void {
    this.#scrollTo(weekNumber(startOfMonth(date), this.#firstDay) * this.rowPx);
  }

  /** The week of a day, scrolled no further than it takes. */
  showDay(date: string): void {
    const row = weekNumber(date, this.#firstDay);
    this.#scrollTo(scrolledTo(row, this.#top, this.height, this.rowPx));
  }

  /** The rows have another height. */
  keepPlace(): void {
    if (this.#place > 0) this.#scrollTo(this.#place * this.rowPx);
  }

  scrollBy(px: number): void {
    this.#scrollTo(this.#top + px);
  }

  /** After scrolling, by whatever: the title follows, and so does the day stood on. */
  scrolled(): void {
    if (!this.scroller) return;
    this.#top = this.scroller.scrollTop;
    this.#place = this.#top / this.rowPx;
    const half = this.height / this.rowPx / 2;
    const middle = addDays(weekDate(Math.floor(this.#place + half), this.#firstDay), 3);
    const planner = this.#planner;
    if (!isSameMonth(middle, planner.seen)) planner.see(startOfMonth(middle));
    const at = weekNumber(planner.anchor, this.#firstDay);
    if (at >= Math.floor(this.#place) && at < this.#place + 2 * half) return;
    const today = planner.now.date;
    planner.stand(isSameMonth(middle, today) ? today : startOfMonth(middle));
  }

  /** The day under a point of the window. */
  dateAt(x: number, y: number): string {
    const { canvas } = this;
    const cell = canvas?.querySelector("[data-date]")?.getBoundingClientRect();
    if (!canvas || !cell) return this.#planner.anchor;
    const box = canvas.getBoundingClientRect();
    const width = cell.width * 7;
    const { isRtl } = this;
    const left = isRtl ? box.left : box.right - width;
    const dir = isRtl ? "rtl" : "ltr";
    const { week, day } = dayUnder(x - left, y - box.top, width, this.rowPx, dir);
    return addDays(weekDate(week, this.#firstDay), day);
  }

  get isRtl(): boolean {
    return this.canvas !== undefined && getComputedStyle(this.canvas).direction === "rtl";
  }

  #scrollTo(px: number): void {
    if (!this.scroller) return;
    this.scroller.scrollTop = px;
    this.scrolled();
  }
}
