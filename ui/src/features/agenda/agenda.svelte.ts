// Which pages the agenda has in its list. It grows at the end that is scrolled to; what is far from
// both ends is let go. Pages of nothing are looked through a few at a time and then on request.
import { agendaOf, type AgendaPart } from "../../lib/agenda";
import type { Planner } from "../../lib/state/planner.svelte";
import type { ViewSlice } from "../../ipc/types";

/** Pages of nothing that are passed over without being asked. */
const EMPTY_MAX = 3;
/** Pages in the list: what is further from its other end is let go. */
const PAGES_MAX = 16;

export class AgendaList {
  readonly #planner: Planner;
  #first = $state(0);
  #last = $state(-1);
  #asked = $state("");
  #patience = $state({ before: EMPTY_MAX, after: EMPTY_MAX });

  readonly slices: readonly ViewSlice[] = $derived.by(() => this.#known());
  readonly parts: readonly AgendaPart[] = $derived.by(() =>
    agendaOf(this.slices, this.#planner.hidden, [this.#planner.now.date, this.#asked]),
  );

  constructor(planner: Planner) {
    this.#planner = planner;
  }

  /** First and last day in the list; null while there is none. */
  get from(): string | null {
    return this.slices[0]?.from ?? null;
  }

  get to(): string | null {
    return this.slices.at(-1)?.to ?? null;
  }

  /** Whether every page of the list has come. */
  get isWhole(): boolean {
    return this.slices.length === this.#last - this.#first + 1;
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  /** A list around a day. */
  open(date: string): void {
    this.#asked = date;
    const page = this.#planner.pages.pageOf(date);
    this.#first = Math.max(page - 1, 0);
    this.#last = page + 1;
    this.#patience = { before: EMPTY_MAX, after: EMPTY_MAX };
    this.want();
  }

  /** The pages of the list, once they are not there or no longer fresh. */
  want(): void {
    this.#planner.pages.want(this.#first, this.#last);
  }

  /** Whether an end has nothing for so long that it waits to be asked. */
  isTired(end: "before" | "after"): boolean {
    if (!this.isWhole) return false;
    const slices = end === "before" ? this.slices : [...this.slices].reverse();
    const full = slices.findIndex((slice) => slice.timed.length + slice.allDay.length > 0);
    const empty = full === -1 ? slices.length : full;
    return empty > this.#patience[end];
  }

  /** One page more at an end. */
  grow(end: "before" | "after"): void {
    if (!this.isWhole || this.isTired(end)) return;
    if (end === "before" && this.#first > 0) {
      this.#first -= 1;
      this.#last = Math.min(this.#last, this.#first + PAGES_MAX);
    } else if (end === "after") {
      this.#last += 1;
      this.#first = Math.max(this.#first, this.#last - PAGES_MAX);
    }
    this.want();
  }

  /** Someone asked to look further although there was nothing for long. */
  insist(end: "before" | "after"): void {
    const { before, after } = this.#patience;
    const more = EMPTY_MAX * 3;
    this.#patience =
      end === "before" ? { before: before + more, after } : { before, after: after + more };
    this.grow(end);
  }

  /** The pages that have come, from the one that holds the list together outwards. */
  #known(): ViewSlice[] {
    const known: ViewSlice[] = [];
    for (let page = this.#first; page <= this.#last; page += 1) {
      const slice = this.#planner.pages.slice(page);
      if (slice) known.push(slice);
      else if (known.length > 0) break;
    }
    return known;
  }
}
