// What the pointer and the keys are doing in the month. The rules are lib/day-drag.ts; this class
// holds their state and turns outcomes into work for the desk.
import { addDays, dateOf, dayNumber } from "../../lib/civil";
import { ghostOf, idle, isDragging, step, type Input, type Outcome } from "../../lib/day-drag";
import type { State } from "../../lib/day-drag";
import { keyOf } from "../../lib/occurrence";
import type { Desk } from "../../lib/state/desk.svelte";
import type { Planner } from "../../lib/state/planner.svelte";
import type { Speaker } from "../../lib/state/speaker.svelte";
import type { Toasts } from "../../lib/state/toasts.svelte";
import type { WeekItem } from "../../lib/weeks";
import { allDayDraft } from "../../lib/when";
import { words } from "../../lib/words";

/** What lies over the days while it is drawn, dragged or written. */
export interface MonthGhost {
  first: string;
  last: string;
  title: string;
  color: string;
  /** Whether the popover stands beside this one. */
  anchor: boolean;
}

export class MonthGrid {
  readonly #planner: Planner;
  readonly #desk: Desk;
  readonly #speaker: Speaker;
  readonly #toasts: Toasts;

  #state = $state.raw<State>(idle);
  #item: WeekItem | null = null;
  /** Whether the keyboard leads, so that what is typed on a day begins a title. */
  isLed = false;

  readonly ghost = $derived.by((): MonthGhost | null => {
    const ghost = ghostOf(this.#state);
    const { defaultCalendar } = this.#planner;
    const fallback = defaultCalendar?.color ?? "blue";
    if (ghost) {
      const { title, color } = this.#item?.source ?? { title: "", color: fallback };
      const [first, last] = [dateOf(ghost.first), dateOf(ghost.last)];
      return { first, last, title, color: ghost.occurrence ? color : fallback, anchor: false };
    }
    const draft = this.#desk.draft;
    if (!draft) return null;
    const { startDate: first, endDate: last } = draft.when;
    const color = this.#planner.calendar(draft.calendar)?.color ?? fallback;
    return { first, last: last < first ? first : last, title: draft.title, color, anchor: true };
  });
  /** Key of what is on its way. */
  readonly lifted = $derived.by(() => ghostOf(this.#state)?.occurrence ?? null);

  constructor(planner: Planner, desk: Desk, speaker: Speaker, toasts: Toasts) {
    this.#planner = planner;
    this.#desk = desk;
    this.#speaker = speaker;
    this.#toasts = toasts;
  }

  get pressed(): boolean {
    return this.#state.kind === "press";
  }

  get dragging(): boolean {
    return isDragging(this.#state);
  }

  get nudging(): boolean {
    return this.#state.kind === "nudging";
  }

  /** The pointer goes down, on a day or on something that stands there. */
  press(date: string, item: WeekItem | null, x: number, y: number): void {
    this.#item = item;
    this.isLed = false;
    const day = dayNumber(date);
    if (!item) return this.feed({ kind: "press", target: { kind: "day" }, day, x, y });
    const { first, last } = spanOf(item);
    const target = { occurrence: item.key, first, last, movable: isMovable(item) };
    this.feed({ kind: "press", target: { kind: "item", ...target }, day, x, y });
  }

  nudge(item: WeekItem, days: number): void {
    if (!isMovable(item)) return this.#fixed();
    this.#item = item;
    this.feed({ kind: "nudge", occurrence: item.key, ...spanOf(item), days });
    const { ghost } = this;
    if (ghost) this.#speaker.say(this.#planner.formats.longDate(ghost.first));
  }

  takeBack(): void {
    this.feed({ kind: "escape" });
    this.#speaker.say(words.week.takenBack);
  }

  feed(input: Input): void {
    const { state, outcome } = step(this.#state, input);
    this.#state = state;
    if (outcome) this.#act(outcome);
  }

  create(first: string, last: string, title = ""): void {
    this.#desk.begin(allDayDraft(first, last, this.#planner.zone), title);
  }

  openDay(date: string): void {
    this.#planner.show({ view: "day" }, date);
  }

  #act(outcome: Outcome): void {
    switch (outcome.kind) {
      case "create":
        return this.create(dateOf(outcome.first), dateOf(outcome.last));
      case "fixed":
        return this.#fixed();
      case "carry":
        if (this.#item) void this.#desk.carry(this.#item.source, outcome.by);
    }
  }

  #fixed(): void {
    this.#toasts.show({ text: words.inspector.seriesFixed, tone: "plain", undo: null });
  }
}

/** The whole days of an item, wherever they are cut on show. */
function spanOf({ source }: WeekItem): { first: number; last: number } {
  const first = source.start.slice(0, 10);
  if ("day" in source) return { first: dayNumber(first), last: dayNumber(first) };
  const timed = source.start.length > 10;
  const end =
    timed && !source.end.endsWith("T00:00") ? source.end : addDays(source.end.slice(0, 10), -1);
  return { first: dayNumber(first), last: Math.max(dayNumber(first), dayNumber(end)) };
}

/** A series is changed as a whole, by its form. */
function isMovable(item: WeekItem): boolean {
  return !item.source.repeats;
}

export const findItem = (items: readonly WeekItem[] | null, key: string | undefined) =>
  items?.find((item) => keyOf(item.source) === key) ?? null;
