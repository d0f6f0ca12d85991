// What a pointer or the keys are doing to the grid, as a machine without side effects:
//
//   idle ─press─► press ─far enough─► creating | moving | resizing ─release─► idle + outcome
//     │             └──release──► idle + click             └──escape──► cancelled ─release─► idle
//     └─nudge─► nudging ─nudge─► nudging ─commit─► idle + outcome        └escape─► idle
//
// `step` takes a state and an input and gives the next state and perhaps an outcome.
import { MINUTES_PER_DAY } from "./civil";
import { clamp, DRAG_PX, snap, snapDown, SNAP_MINUTES, type Point } from "./geometry";

/** Minutes of one day of the view, half-open. */
export interface DaySpan {
  day: number;
  start: number;
  end: number;
}

/** What was under the pointer when it went down; `occurrence` is a key (occurrence.ts). */
export type Target =
  | { kind: "slot" }
  | { kind: "block"; occurrence: string; span: DaySpan; movable: boolean }
  | { kind: "edge"; edge: "start" | "end"; occurrence: string; span: DaySpan };

export type State =
  | { kind: "idle" }
  | { kind: "press"; target: Target; at: Point; x: number; y: number }
  | { kind: "creating"; at: Point; span: DaySpan }
  | { kind: "moving"; occurrence: string; at: Point; from: DaySpan; span: DaySpan }
  | { kind: "resizing"; occurrence: string; edge: "start" | "end"; from: DaySpan; span: DaySpan }
  | { kind: "nudging"; occurrence: string; from: DaySpan; span: DaySpan }
  | { kind: "cancelled" };

export type Input =
  | { kind: "press"; target: Target; at: Point; x: number; y: number }
  | { kind: "drag"; at: Point; x: number; y: number; fine: boolean }
  | { kind: "release" }
  | { kind: "escape" }
  | { kind: "nudge"; occurrence: string; span: DaySpan; change: Nudge }
  | { kind: "commit" };

/** One step of the keyboard: move by days and minutes, or move the end alone. */
export interface Nudge {
  days: number;
  minutes: number;
  endOnly: boolean;
}

export type Outcome =
  | { kind: "clickSlot"; at: Point }
  | { kind: "clickBlock"; occurrence: string }
  | { kind: "create"; span: DaySpan }
  | { kind: "fixed"; occurrence: string }
  | { kind: "place"; occurrence: string; from: DaySpan; to: DaySpan };

export interface Step {
  state: State;
  outcome?: Outcome;
}

export const idle: State = { kind: "idle" };

export function step(state: State, input: Input, days: number): Step {
  switch (input.kind) {
    case "press":
      return { state: { ...input, kind: "press" } };
    case "drag":
      return drag(state, input, days);
    case "release":
      return release(state);
    case "escape":
      return { state: escape(state) };
    case "nudge":
      return { state: nudge(state, input, days) };
    case "commit":
      return state.kind === "nudging" ? settle(state) : { state };
  }
}

/** The span to draw while something is going on. */
export function ghostOf(state: State): { span: DaySpan; occurrence: string | null } | null {
  switch (state.kind) {
    case "creating":
      return { span: state.span, occurrence: null };
    case "moving":
    case "resizing":
    case "nudging":
      return { span: state.span, occurrence: state.occurrence };
    default:
      return null;
  }
}

function drag(state: State, input: Extract<Input, { kind: "drag" }>, days: number): Step {
  const stepMinutes = input.fine ? 5 : SNAP_MINUTES;
  switch (state.kind) {
    case "press": {
      if (Math.hypot(input.x - state.x, input.y - state.y) < DRAG_PX) return { state };
      const begun = begin(state);
      if (begun.state.kind === "cancelled") return begun;
      return drag(begun.state, input, days);
    }
    case "creating":
      return { state: { ...state, span: drawn(state.at, input.at, stepMinutes) } };
    case "moving":
      return {
        state: { ...state, span: moved(state.from, state.at, input.at, stepMinutes, days) },
      };
    case "resizing":
      return { state: { ...state, span: resized(state.from, state.edge, input.at, stepMinutes) } };
    default:
      return { state };
  }
}

function begin(state: Extract<State, { kind: "press" }>): Step {
  const { target, at } = state;
  switch (target.kind) {
    case "slot":
      return { state: { kind: "creating", at, span: drawn(at, at, SNAP_MINUTES) } };
    case "block":
      if (!target.movable) {
        const outcome: Outcome = { kind: "fixed", occurrence: target.occurrence };
        return { state: { kind: "cancelled" }, outcome };
      }
      return {
        state: {
          kind: "moving",
          occurrence: target.occurrence,
          at,
          from: target.span,
          span: target.span,
        },
      };
    case "edge":
      return {
        state: {
          kind: "resizing",
          occurrence: target.occurrence,
          edge: target.edge,
          from: target.span,
          span: target.span,
        },
      };
  }
}

function release(state: State): Step {
  switch (state.kind) {
    case "press":
      if (state.target.kind === "slot") {
        return { state: idle, outcome: { kind: "clickSlot", at: state.at } };
      }
      return { state: idle, outcome: { kind: "clickBlock", occurrence: state.target.occurrence } };
    case "creating":
      return { state: idle, outcome: { kind: "create", span: state.span } };
    case "moving":
    case "resizing":
      return settle(state);
    case "nudging":
      return { state };
    default:
      return { state: idle };
  }
}

function settle(state: Extract<State, { kind: "moving" | "resizing" | "nudging" }>): Step {
  const { from, span, occurrence } = state;
  if (from.day === span.day && from.start === span.start && from.end === span.end) {
    return { state: idle };
  }
  return { state: idle, outcome: { kind: "place", occurrence, from, to: span } };
}

function escape(state: State): State {
  const held = ["press", "creating", "moving", "resizing", "cancelled"].includes(state.kind);
  return held ? { kind: "cancelled" } : idle;
}

function nudge(state: State, input: Extract<Input, { kind: "nudge" }>, days: number): State {
  if (state.kind !== "idle" && state.kind !== "nudging") return state;
  const carried = state.kind === "nudging" && state.occurrence === input.occurrence;
  const from = carried ? state.from : input.span;
  const now = carried ? state.span : input.span;
  const { change } = input;
  const span = change.endOnly
    ? { ...now, end: clamp(now.end + change.minutes, now.start + SNAP_MINUTES, MINUTES_PER_DAY) }
    : within({ ...now, day: now.day + change.days }, now.start + change.minutes, days);
  return { kind: "nudging", occurrence: input.occurrence, from, span };
}

/** The span between where the pointer went down and where it is, on the day it went down. */
function drawn(at: Point, to: Point, stepMinutes: number): DaySpan {
  const anchor = snapDown(at.minute);
  if (to.minute >= anchor) {
    const end = Math.ceil(to.minute / stepMinutes) * stepMinutes;
    return { day: at.day, start: anchor, end: clamp(end, anchor + SNAP_MINUTES, MINUTES_PER_DAY) };
  }
  const start = Math.floor(to.minute / stepMinutes) * stepMinutes;
  return { day: at.day, start: Math.max(0, start), end: anchor + SNAP_MINUTES };
}

function moved(from: DaySpan, at: Point, to: Point, stepMinutes: number, days: number): DaySpan {
  const start = snap(from.start + to.minute - at.minute, stepMinutes);
  return within({ ...from, day: from.day + to.day - at.day }, start, days);
}

/** `span` with its length kept, starting at `start`, held inside the day and the view. */
function within(span: DaySpan, start: number, days: number): DaySpan {
  const length = span.end - span.start;
  const held = clamp(start, 0, MINUTES_PER_DAY - length);
  return { day: clamp(span.day, 0, days - 1), start: held, end: held + length };
}

function resized(from: DaySpan, edge: "start" | "end", to: Point, stepMinutes: number): DaySpan {
  const minute = snap(to.minute, stepMinutes);
  return edge === "end"
    ? {
        ...from,
        end: clamp(minute, Math.min(from.start + SNAP_MINUTES, MINUTES_PER_DAY), MINUTES_PER_DAY),
      }
    : { ...from, start: clamp(minute, 0, Math.max(from.end - SNAP_MINUTES, 0)) };
}
