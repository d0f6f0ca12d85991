// What the window asks the core for, and what it shows while the answers are on their way.
import { describe, expect, it } from "vitest";
import { MockBackend } from "../../ipc/mock";
import { SEED_NOW } from "../../ipc/mock/seeds";
import type { Notice, ViewQuery, ViewSlice } from "../../ipc/types";
import { stillClock } from "../clock";
import { weekNumber } from "../weeks";
import { Planner } from "./planner.svelte";

/** A core in memory whose answers wait until they are let go. */
class Waiting extends MockBackend {
  readonly asked: ViewQuery[] = [];
  readonly #heard: ((notice: Notice) => void)[] = [];
  #held: (() => void)[] | null = null;
  broken = false;

  override async view(query: ViewQuery): Promise<ViewSlice> {
    this.asked.push(query);
    const slice = await super.view(query);
    const held = this.#held;
    if (held) await new Promise<void>((done) => held.push(done));
    if (this.broken) throw new Error("out of order");
    return slice;
  }

  override async listen(heard: (notice: Notice) => void): Promise<() => void> {
    this.#heard.push(heard);
    return super.listen(heard);
  }

  hold(): void {
    this.#held = [];
  }

  /** Lets go of one answer, or of all and of those to come. */
  release(index?: number): void {
    const held = this.#held ?? [];
    if (index !== undefined) return held[index]?.();
    this.#held = null;
    held.forEach((go) => go());
  }
}

const FIRST_DAY = 1;
const WEEK = weekNumber(SEED_NOW.date, FIRST_DAY);

async function open(core = new Waiting({ seed: "typical" }), view: Planner["view"] = "week") {
  const startup = await core.startup();
  const planner = new Planner(core, stillClock(SEED_NOW.date), startup, { view, days: 4 });
  await planner.open();
  return { core, planner };
}

/** Lets everything that is due happen. */
const settle = () => new Promise((done) => setTimeout(done, 0));

function titles(planner: Planner): string[] {
  return (planner.week(WEEK) ?? []).map(({ source }) => source.title);
}

describe("the planner", () => {
  it("asks for exactly the days of each view with columns", async () => {
    const { core, planner } = await open();
    const wanted = [
      ["day", "2026-11-25", "2026-11-26"],
      ["days", "2026-11-25", "2026-11-29"],
      ["workWeek", "2026-11-23", "2026-11-28"],
      ["week", "2026-11-23", "2026-11-30"],
    ] as const;
    for (const [view, from, to] of wanted) {
      planner.show({ view });
      await settle();
      expect([planner.slice?.from, planner.slice?.to]).toEqual([from, to]);
      expect(core.asked).toContainEqual({ from, to });
    }
  });

  it("turns the page as the view has it, and comes back to where it was", async () => {
    const { planner } = await open();
    for (const view of ["day", "days", "week", "workWeek"] as const) {
      planner.show({ view }, SEED_NOW.date);
      const before = planner.dates[0];
      planner.page(1);
      expect(planner.dates[0]).not.toBe(before);
      planner.page(-1);
      expect(planner.dates[0]).toBe(before);
    }
    planner.show({ view: "month" }, SEED_NOW.date);
    planner.page(1);
    expect(planner.anchor).toBe("2026-12-01");
    planner.page(-1);
    expect(planner.anchor).toBe(SEED_NOW.date);
  });

  it("keeps what it shows of a month until the new has come", async () => {
    const { core, planner } = await open(undefined, "month");
    const page = planner.pages.pageOf(SEED_NOW.date);
    planner.pages.want(page, page);
    await settle();
    expect(titles(planner)).toContain("Release 1.4 freeze");
    core.hold();
    const done = planner.refresh();
    await settle();
    expect(titles(planner)).toContain("Release 1.4 freeze");
    core.release();
    await done;
    expect(titles(planner)).toContain("Release 1.4 freeze");
  });

  it("takes the newest answer about a month where an older one comes later", async () => {
    const { core, planner } = await open(undefined, "month");
    const page = planner.pages.pageOf(SEED_NOW.date);
    core.hold();
    planner.pages.want(page, page);
    await settle();
    const when = { kind: "allDay", start: SEED_NOW.date, end: "2026-11-26" } as const;
    await core.create({ calendar: "personal", title: "New", place: "", notes: "", when });
    await settle();
    core.release(1);
    await settle();
    core.release(0);
    await settle();
    expect(titles(planner)).toContain("New");
  });

  it("asks for the weeks that are looked at before those beside them", async () => {
    const { core, planner } = await open(undefined, "month");
    const page = planner.pages.pageOf(SEED_NOW.date);
    planner.pages.want(page - 1, page + 1);
    expect(core.asked[0]?.from).toBe(planner.pages.start(page));
    expect(core.asked.length).toBe(3);
  });

  it("asks again for what is on show when the core says that something changed", async () => {
    const { core, planner } = await open(undefined, "month");
    const page = planner.pages.pageOf(SEED_NOW.date);
    planner.pages.want(page - 1, page + 1);
    await settle();
    const when = { kind: "allDay", start: SEED_NOW.date, end: "2026-11-26" } as const;
    await core.create({
      calendar: "personal",
      title: "From elsewhere",
      place: "",
      notes: "",
      when,
    });
    await settle();
    expect(titles(planner)).toContain("From elsewhere");
    await planner.setHidden("personal", true);
    expect(titles(planner)).not.toContain("From elsewhere");
  });

  it("says why there is nothing to show, and shows it once it can", async () => {
    for (const view of ["week", "month"] as const) {
      const core = new Waiting({ seed: "typical" });
      core.broken = true;
      const { planner } = await open(core, view);
      const page = planner.pages.pageOf(SEED_NOW.date);
      if (view === "month") planner.pages.want(page, page);
      await settle();
      expect(planner.failure?.message).toBeTruthy();
      core.broken = false;
      await planner.refresh();
      expect(planner.failure).toBeNull();
    }
  });
});
