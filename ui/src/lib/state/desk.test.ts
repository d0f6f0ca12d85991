// What leaves the window while somebody types: nobody on the way sees how they do.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Backend } from "../../ipc/backend";
import { MockBackend } from "../../ipc/mock";
import { stillClock } from "../clock";
import { Desk } from "./desk.svelte";
import { Planner } from "./planner.svelte";
import { Speaker } from "./speaker.svelte";
import { Toasts } from "./toasts.svelte";

const KEYSTROKE_MS = 100;
const TEXT = "Dr Bloom, root canal, bring the pictures from May.";

/** What only asks; everything else is written down and sent. */
const ASKS = ["startup", "calendars", "view", "event", "shared", "syncStatus", "listen", "ready"];

/** A core in memory, and what was written in it. */
function core(): { backend: Backend; written: string[] } {
  const written: string[] = [];
  const backend = new Proxy<Backend>(new MockBackend({ seed: "typical" }), {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== "function") return found;
      return (...given: unknown[]): unknown => {
        if (!ASKS.includes(String(name))) written.push(String(name));
        return Reflect.apply(found, target, given);
      };
    },
  });
  return { backend, written };
}

async function desk(): Promise<{ desk: Desk; planner: Planner; written: string[] }> {
  const { backend, written } = core();
  const clock = stillClock("2026-11-25");
  const planner = new Planner(backend, clock, await backend.startup());
  await planner.open();
  const desk = new Desk(backend, planner, new Toasts(clock), new Speaker());
  return { desk, planner, written };
}

/** Fifty keystrokes in five seconds. */
async function type(each: (typed: string) => void): Promise<void> {
  for (let length = 1; length <= TEXT.length; length++) {
    each(TEXT.slice(0, length));
    await vi.advanceTimersByTimeAsync(KEYSTROKE_MS);
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("attack_40_fifty_keystrokes_in_an_event_are_one_upload", async () => {
  expect(TEXT).toHaveLength(50);
  const { desk: hand, planner, written } = await desk();
  const [block] = planner.timed;
  if (!block) throw new Error("there is an event this week");
  await hand.select(block);
  await hand.edit();
  expect(hand.changes).not.toBeNull();
  await type((typed) => hand.change({ notes: typed }));
  expect(written).toEqual([]);
  await hand.saveChanges();
  expect(written).toEqual(["edit"]);
  expect(hand.open?.notes).toBe(TEXT);
});

it("attack_40_fifty_keystrokes_in_a_new_event_are_one_upload", async () => {
  const { desk: hand, planner, written } = await desk();
  const [block] = planner.timed;
  if (!block) throw new Error("there is an event this week");
  await hand.select(block);
  await hand.edit();
  const when = hand.changes?.when;
  hand.revert();
  if (!when) throw new Error("an event has a time");
  hand.begin(when);
  await type((typed) => hand.write({ title: typed }));
  expect(written).toEqual([]);
  await hand.save();
  expect(written).toEqual(["create"]);
});
