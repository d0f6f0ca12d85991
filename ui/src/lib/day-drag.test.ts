// Dragging over days: the machine's promises, on any path of the pointer.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ghostOf, idle, step, type Input, type Outcome, type State } from "./day-drag";

const days = fc.integer({ min: 0, max: 5_000 });
const item = { kind: "item", occurrence: "one", first: 100, last: 102, movable: true } as const;

function run(inputs: Input[]): { state: State; outcomes: Outcome[] } {
  let state = idle;
  const outcomes: Outcome[] = [];
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    if (next.outcome) outcomes.push(next.outcome);
  }
  return { state, outcomes };
}

const press = (target: Extract<Input, { kind: "press" }>["target"], day: number): Input => ({
  ...{ kind: "press", target, day, x: 0, y: 0 },
});
const drag = (day: number): Input => ({ kind: "drag", day, x: 50, y: 0 });

describe("dragging over days", () => {
  it("makes an event of every day between press and release, whichever way", () => {
    fc.assert(
      fc.property(days, fc.array(days, { minLength: 1 }), (from, path) => {
        const to = path.at(-1) ?? from;
        const inputs = [
          press({ kind: "day" }, from),
          ...path.map(drag),
          { kind: "release" } as const,
        ];
        expect(run(inputs)).toEqual({
          state: idle,
          outcomes: [{ kind: "create", first: Math.min(from, to), last: Math.max(from, to) }],
        });
      }),
    );
  });

  it("carries an event by as many days as the pointer went, its length kept", () => {
    fc.assert(
      fc.property(days, days, (from, to) => {
        const { state } = run([press(item, from), drag(to)]);
        const ghost = ghostOf(state);
        expect(ghost && ghost.last - ghost.first).toBe(2);
        expect(ghost?.first).toBe(100 + to - from);
        const { outcomes } = run([press(item, from), drag(to), { kind: "release" }]);
        const carry = { kind: "carry", occurrence: "one", by: to - from };
        expect(outcomes).toEqual(to === from ? [] : [carry]);
      }),
    );
  });

  it("does nothing for a press that goes nowhere, and nothing after Escape", () => {
    const still: Input = { kind: "drag", day: 7, x: 2, y: 2 };
    expect(run([press(item, 7), still, { kind: "release" }])).toEqual({
      state: idle,
      outcomes: [],
    });
    const escaped = run([press(item, 7), drag(9), { kind: "escape" }, drag(12)]);
    expect(ghostOf(escaped.state)).toBeNull();
    expect(run([press(item, 7), drag(9), { kind: "escape" }, { kind: "release" }])).toEqual({
      state: idle,
      outcomes: [],
    });
  });

  it("says once that an event cannot be moved, and moves nothing", () => {
    const fixed = { ...item, movable: false };
    const { state, outcomes } = run([press(fixed, 7), drag(8), drag(9), { kind: "release" }]);
    expect(outcomes).toEqual([{ kind: "fixed", occurrence: "one" }]);
    expect(state).toBe(idle);
  });

  it("adds up what the keys say, until it is kept or taken back", () => {
    const nudge = (by: number): Input => ({
      ...{ kind: "nudge", occurrence: "one", first: 100, last: 102, days: by },
    });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -7, max: 7 }), { minLength: 1 }), (steps) => {
        const by = steps.reduce((sum, one) => sum + one, 0);
        const { state, outcomes } = run([...steps.map(nudge), { kind: "commit" }]);
        expect(state).toBe(idle);
        expect(outcomes).toEqual(by === 0 ? [] : [{ kind: "carry", occurrence: "one", by }]);
        expect(run([...steps.map(nudge), { kind: "escape" }]).outcomes).toEqual([]);
      }),
    );
  });
});
