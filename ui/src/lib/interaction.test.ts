import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ghostOf,
  idle,
  step,
  type DaySpan,
  type Input,
  type Outcome,
  type State,
  type Target,
} from "./interaction";

const DAYS = 7;
const span: DaySpan = { day: 2, start: 600, end: 660 };
const block = (movable = true): Target => ({ kind: "block", occurrence: "a", span, movable });

function run(inputs: Input[]): { state: State; outcomes: Outcome[] } {
  let state: State = idle;
  const outcomes: Outcome[] = [];
  for (const input of inputs) {
    const next = step(state, input, DAYS);
    state = next.state;
    if (next.outcome) outcomes.push(next.outcome);
  }
  return { state, outcomes };
}

const press = (target: Target, day: number, minute: number): Input => ({
  kind: "press",
  target,
  at: { day, minute },
  x: 0,
  y: 0,
});
const drag = (day: number, minute: number, far = 50, fine = false): Input => ({
  kind: "drag",
  at: { day, minute },
  x: far,
  y: 0,
  fine,
});
const release: Input = { kind: "release" };
const escape: Input = { kind: "escape" };

describe("the pointer in the grid", () => {
  it("clicks where it went down, within the threshold of a drag", () => {
    const { outcomes } = run([press({ kind: "slot" }, 1, 612), drag(1, 613, 3), release]);
    expect(outcomes).toEqual([{ kind: "clickSlot", at: { day: 1, minute: 612 } }]);
  });

  it("draws a new event down and up, on the day it began", () => {
    const down = run([press({ kind: "slot" }, 4, 751), drag(5, 809), release]);
    expect(down.outcomes).toEqual([{ kind: "create", span: { day: 4, start: 750, end: 810 } }]);
    const up = run([press({ kind: "slot" }, 4, 751), drag(4, 700), release]);
    expect(up.outcomes).toEqual([{ kind: "create", span: { day: 4, start: 690, end: 765 } }]);
  });

  it("moves a block by as much as the pointer, its length kept", () => {
    const { outcomes } = run([press(block(), 2, 620), drag(3, 652), release]);
    const to = { day: 3, start: 630, end: 690 };
    expect(outcomes).toEqual([{ kind: "place", occurrence: "a", from: span, to }]);
  });

  it("places in steps of five minutes when it is held fine", () => {
    const { outcomes } = run([press(block(), 2, 620), drag(2, 632, 50, true), release]);
    expect(outcomes[0]).toMatchObject({ to: { start: 610 } });
  });

  it("does not move what must not move, and says so once", () => {
    const { state, outcomes } = run([
      press(block(false), 2, 620),
      drag(3, 700),
      drag(3, 720),
      release,
    ]);
    expect(outcomes).toEqual([{ kind: "fixed", occurrence: "a" }]);
    expect(state).toBe(idle);
  });

  it("resizes from either edge and never past the other", () => {
    const edge = (which: "start" | "end"): Target => ({
      kind: "edge",
      edge: which,
      occurrence: "a",
      span,
    });
    const longer = run([press(edge("end"), 2, 659), drag(2, 704), release]);
    expect(longer.outcomes[0]).toMatchObject({ to: { start: 600, end: 705 } });
    const flipped = run([press(edge("end"), 2, 659), drag(2, 100), release]);
    expect(flipped.outcomes[0]).toMatchObject({ to: { start: 600, end: 615 } });
    const earlier = run([press(edge("start"), 2, 601), drag(2, 1200), release]);
    expect(earlier.outcomes[0]).toMatchObject({ to: { start: 645, end: 660 } });
  });

  it("says nothing when a block comes back to where it was", () => {
    expect(run([press(block(), 2, 620), drag(3, 620), drag(2, 621), release]).outcomes).toEqual([]);
  });

  it("forgets everything on escape, also what the hand then does", () => {
    const targets = fc.constantFrom<Target>({ kind: "slot" }, block());
    const moves = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1440 })),
    );
    fc.assert(
      fc.property(targets, moves, moves, (target, before, after) => {
        const drags = (list: [number, number][]) => list.map(([day, minute]) => drag(day, minute));
        const inputs = [press(target, 2, 620), ...drags(before), escape, ...drags(after), release];
        const { state, outcomes } = run(inputs);
        expect(outcomes).toEqual([]);
        expect(state).toBe(idle);
      }),
    );
  });

  it("keeps every ghost inside the week and the day", () => {
    const points = fc.tuple(
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 1440 }),
      fc.boolean(),
    );
    const targets = fc.constantFrom<Target>({ kind: "slot" }, block(), {
      kind: "edge",
      edge: "start",
      occurrence: "a",
      span,
    });
    fc.assert(
      fc.property(targets, fc.array(points, { minLength: 1 }), (target, moves) => {
        let state = step(idle, press(target, 2, 620), DAYS).state;
        for (const [day, minute, fine] of moves) {
          state = step(state, drag(day, minute, 50, fine), DAYS).state;
          const ghost = ghostOf(state)?.span;
          expect(ghost).toBeDefined();
          if (!ghost) return;
          expect(ghost.day).toBeGreaterThanOrEqual(0);
          expect(ghost.day).toBeLessThan(DAYS);
          expect(ghost.start).toBeGreaterThanOrEqual(0);
          expect(ghost.end).toBeLessThanOrEqual(1440);
          expect(ghost.end - ghost.start).toBeGreaterThanOrEqual(15);
        }
      }),
    );
  });
});

describe("the keys on a block", () => {
  const nudge = (days: number, minutes: number, endOnly = false): Input => ({
    kind: "nudge",
    occurrence: "a",
    span,
    change: { days, minutes, endOnly },
  });

  it("gathers steps into one change, kept by commit", () => {
    const { outcomes } = run([nudge(0, 15), nudge(1, 0), nudge(0, 15, true), { kind: "commit" }]);
    const to = { day: 3, start: 615, end: 690 };
    expect(outcomes).toEqual([{ kind: "place", occurrence: "a", from: span, to }]);
  });

  it("takes every step back on escape", () => {
    const { state, outcomes } = run([nudge(0, 15), nudge(0, 60), escape]);
    expect(outcomes).toEqual([]);
    expect(state).toBe(idle);
  });

  it("stops at the edges of the week", () => {
    const { state } = run([nudge(-9, -6000)]);
    expect(ghostOf(state)?.span).toEqual({ day: 0, start: 0, end: 60 });
  });
});
