// What a pointer or the keys are doing where days are cells and hours are not shown, as a machine
// without side effects. Days are day numbers, so that a drag may run over any number of weeks.
//
//   idle ─press─► press ─far enough─► creating | moving ─release─► idle + outcome
//     │             └─release─► idle      └──escape──► cancelled ─release─► idle
//     └─nudge─► nudging ─nudge─► nudging ─commit─► idle + outcome; escape ─► idle
import { DRAG_PX } from "./geometry";

/** What was under the pointer when it went down; `occurrence` is a key (occurrence.ts). */
export type Target =
  | { kind: "day" }
  | { kind: "item"; occurrence: string; first: number; last: number; movable: boolean };

export type State =
  | { kind: "idle" }
  | { kind: "press"; target: Target; day: number; x: number; y: number }
  | { kind: "creating"; day: number; to: number }
  | { kind: "moving"; occurrence: string; first: number; last: number; day: number; by: number }
  | { kind: "nudging"; occurrence: string; first: number; last: number; by: number }
  | { kind: "cancelled" };

export type Input =
  | { kind: "press"; target: Target; day: number; x: number; y: number }
  | { kind: "drag"; day: number; x: number; y: number }
  | { kind: "release" }
  | { kind: "escape" }
  | { kind: "nudge"; occurrence: string; first: number; last: number; days: number }
  | { kind: "commit" };

export type Outcome =
  | { kind: "create"; first: number; last: number }
  | { kind: "fixed"; occurrence: string }
  | { kind: "carry"; occurrence: string; by: number };

/** The days to draw while something is going on; both inclusive. */
export interface Ghost {
  occurrence: string | null;
  first: number;
  last: number;
}

export interface Step {
  state: State;
  outcome?: Outcome;
}

export const idle: State = { kind: "idle" };

export function step(state: State, input: Input): Step {
  switch (input.kind) {
    case "press":
      return { state: { ...input, kind: "press" } };
    case "drag":
      return drag(state, input);
    case "release":
      return release(state);
    case "escape":
      return { state: state.kind === "idle" || state.kind === "nudging" ? idle : cancelled };
    case "nudge":
      return { state: nudge(state, input) };
    case "commit":
      return state.kind === "nudging" ? carried(state) : { state };
  }
}

export function ghostOf(state: State): Ghost | null {
  switch (state.kind) {
    case "creating":
      return { occurrence: null, ...span(state) };
    case "moving":
    case "nudging": {
      const { occurrence, first, last, by } = state;
      return { occurrence, first: first + by, last: last + by };
    }
    default:
      return null;
  }
}

/** Whether the pointer is in the middle of something that a click must not follow. */
export function isDragging(state: State): boolean {
  return state.kind === "creating" || state.kind === "moving" || state.kind === "cancelled";
}

const cancelled: State = { kind: "cancelled" };

function span({ day, to }: { day: number; to: number }) {
  return { first: Math.min(day, to), last: Math.max(day, to) };
}

function drag(state: State, input: Extract<Input, { kind: "drag" }>): Step {
  switch (state.kind) {
    case "press": {
      if (Math.hypot(input.x - state.x, input.y - state.y) < DRAG_PX) return { state };
      const { target, day } = state;
      if (target.kind === "day") return { state: { kind: "creating", day, to: input.day } };
      const { occurrence, first, last } = target;
      if (!target.movable) return { state: cancelled, outcome: { kind: "fixed", occurrence } };
      const by = input.day - day;
      return { state: { kind: "moving", occurrence, first, last, day, by } };
    }
    case "creating":
      return { state: { ...state, to: input.day } };
    case "moving":
      return { state: { ...state, by: input.day - state.day } };
    default:
      return { state };
  }
}

function release(state: State): Step {
  switch (state.kind) {
    case "creating":
      return { state: idle, outcome: { kind: "create", ...span(state) } };
    case "moving":
      return carried(state);
    case "nudging":
      return { state };
    default:
      return { state: idle };
  }
}

function carried({ occurrence, by }: { occurrence: string; by: number }): Step {
  return by === 0 ? { state: idle } : { state: idle, outcome: { kind: "carry", occurrence, by } };
}

function nudge(state: State, input: Extract<Input, { kind: "nudge" }>): State {
  if (state.kind !== "idle" && state.kind !== "nudging") return state;
  const { occurrence, first, last, days } = input;
  const goesOn = state.kind === "nudging" && state.occurrence === occurrence;
  const { by, ...from } = goesOn ? state : { by: 0, first, last };
  return { kind: "nudging", occurrence, first: from.first, last: from.last, by: by + days };
}
