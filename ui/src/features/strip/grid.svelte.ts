// What the pointer and the keys are doing in the time grid, and where its cursor stands. The rules
// are lib/interaction.ts; this class holds their state and turns outcomes into work for the desk.
import type { TimedBlock } from "../../ipc/types";
import { MINUTES_PER_DAY } from "../../lib/civil";
import { clamp, snapDown, type Point } from "../../lib/geometry";
import {
  ghostOf,
  idle,
  step,
  type DaySpan,
  type Input,
  type Nudge,
  type Outcome,
  type State,
} from "../../lib/interaction";
import type { Desk } from "../../lib/state/desk.svelte";
import type { Planner } from "../../lib/state/planner.svelte";
import type { Speaker } from "../../lib/state/speaker.svelte";
import type { Toasts } from "../../lib/state/toasts.svelte";
import { timedDraft } from "../../lib/when";
import { words } from "../../lib/words";
import { keyOf } from "../../lib/occurrence";

const CURSOR_MINUTES = 30;
const CREATE_MINUTES = 60;

export class Grid {
  readonly #planner: Planner;
  readonly #desk: Desk;
  readonly #speaker: Speaker;
  readonly #toasts: Toasts;

  #state = $state.raw<State>(idle);
  #cursor = $state.raw<DaySpan | null>(null);

  /** The span that is being drawn, dragged or nudged. */
  readonly ghost = $derived(ghostOf(this.#state));

  constructor(planner: Planner, desk: Desk, speaker: Speaker, toasts: Toasts) {
    this.#planner = planner;
    this.#desk = desk;
    this.#speaker = speaker;
    this.#toasts = toasts;
  }

  /** Where the keyboard is; null while the pointer leads. */
  get cursor(): DaySpan | null {
    return this.#cursor;
  }

  /** Whether the pointer is in the middle of something. */
  get busy(): boolean {
    return this.#state.kind !== "idle" && this.#state.kind !== "nudging";
  }

  get nudging(): boolean {
    return this.#state.kind === "nudging";
  }

  feed(input: Input): void {
    const { state, outcome } = step(this.#state, input, this.#planner.dates.length);
    this.#state = state;
    if (outcome) this.#act(outcome);
  }

  nudge(block: TimedBlock, change: Nudge): void {
    if (!isMovable(block)) {
      this.#fixed();
      return;
    }
    this.feed({ kind: "nudge", occurrence: keyOf(block), span: spanOf(block), change });
    const span = this.ghost?.span;
    if (span) this.#speaker.say(words.week.moving(this.#date(span.day), this.#range(span)));
  }

  takeBack(): void {
    this.feed({ kind: "escape" });
    this.#speaker.say(words.week.takenBack);
  }

  /** Shows the cursor: today's now, or where it was. */
  wake(): void {
    if (this.#cursor) return;
    const { now, dates } = this.#planner;
    const today = dates.indexOf(now.date);
    const minute = today === -1 ? 9 * 60 : snapDown(now.minute, CURSOR_MINUTES);
    this.#moveCursor(Math.max(today, 0), minute);
  }

  /** Other columns are on show: whatever was going on is over. */
  settle(): void {
    this.feed({ kind: "escape" });
    this.sleep();
  }

  sleep(): void {
    this.#cursor = null;
  }

  /** Moves the cursor; past either end of the columns lies the next page. */
  walk(days: number, slots: number): void {
    const cursor = this.#cursor;
    if (!cursor) return this.wake();
    const count = this.#planner.dates.length;
    const day = cursor.day + days;
    if (day < 0 || day >= count) this.#planner.page(day < 0 ? -1 : 1);
    this.#moveCursor((day + count) % count, cursor.start + slots * CURSOR_MINUTES);
  }

  /** The same place on the next page. */
  page(by: 1 | -1): void {
    const cursor = this.#cursor;
    if (!cursor) return this.wake();
    this.#planner.page(by);
    this.#moveCursor(cursor.day, cursor.start);
  }

  toEnd(): void {
    this.toDay(this.#planner.dates.length - 1);
  }

  toDay(day: number): void {
    if (this.#cursor) this.#moveCursor(day, this.#cursor.start);
  }

  /** A new event at the cursor, its title begun with `text`. */
  createHere(text: string): void {
    const cursor = this.#cursor;
    if (!cursor) return;
    this.#begin(cursor.day, cursor.start, CREATE_MINUTES, text);
  }

  #moveCursor(day: number, minute: number): void {
    const start = clamp(minute, 0, MINUTES_PER_DAY - CURSOR_MINUTES);
    this.#cursor = { day, start, end: start + CURSOR_MINUTES };
    const here = this.#planner.timed.filter(
      (block) => block.day === day && block.startMinute < start + 1 && block.endMinute > start,
    ).length;
    const { formats } = this.#planner;
    const date = this.#date(day);
    const time = formats.time(start);
    const { cursor, cursorBusy } = words.week;
    this.#speaker.say(here === 0 ? cursor(date, time) : cursorBusy(date, time, here));
  }

  #act(outcome: Outcome): void {
    switch (outcome.kind) {
      case "clickSlot":
        return this.#clickSlot(outcome.at);
      case "clickBlock": {
        const block = this.#block(outcome.occurrence);
        if (block) void this.#desk.select(block);
        return;
      }
      case "create": {
        const { day, start, end } = outcome.span;
        return this.#begin(day, start, end - start, "");
      }
      case "fixed":
        return this.#fixed();
      case "place": {
        const block = this.#block(outcome.occurrence);
        if (block) void this.#desk.place(block, outcome.from, outcome.to);
      }
    }
  }

  #clickSlot(at: Point): void {
    const start = Math.min(snapDown(at.minute, 30), MINUTES_PER_DAY - CREATE_MINUTES);
    this.#begin(at.day, start, CREATE_MINUTES, "");
  }

  #begin(day: number, start: number, minutes: number, title: string): void {
    const { dates, zone } = this.#planner;
    this.#desk.begin(timedDraft(dates[day] ?? "", start, minutes, zone), title);
  }

  #fixed(): void {
    this.#toasts.show({ text: words.inspector.seriesFixed, tone: "plain", undo: null });
  }

  #block(key: string): TimedBlock | undefined {
    return this.#planner.timed.find((block) => keyOf(block) === key);
  }

  #date(day: number): string {
    return this.#planner.formats.longDate(this.#planner.dates[day] ?? "");
  }

  #range(span: DaySpan): string {
    const { formats } = this.#planner;
    return words.spokenRange(formats.time(span.start), formats.time(span.end));
  }
}

export function spanOf(block: TimedBlock): DaySpan {
  return { day: block.day, start: block.startMinute, end: block.endMinute };
}

/** A series is changed as a whole, and a block cut at midnight by its form. */
export function isMovable(block: TimedBlock): boolean {
  return !block.repeats && !block.startsBefore && !block.endsAfter;
}
