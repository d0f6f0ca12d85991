// What is in hand: the event being written, the one that is open, and the way back from each
// change. Every change goes to the core at once and can be undone from its toast.
import { asFailure, type Backend } from "../../ipc/backend";
import type { Done, EditEvent, EventView, TimedBlock } from "../../ipc/types";
import type { DaySpan } from "../interaction";
import { titleOf } from "../names";
import { draftOf, isSound, shifted, whenOf, type DraftWhen } from "../when";
import { words } from "../words";
import type { Planner } from "./planner.svelte";
import type { Speaker } from "./speaker.svelte";
import type { Toasts } from "./toasts.svelte";
import { isSame, type OccurrenceId } from "../occurrence";

/** An event being written. */
export interface Draft {
  title: string;
  place: string;
  notes: string;
  calendar: string;
  when: DraftWhen;
}

export class Desk {
  readonly #backend: Backend;
  readonly #planner: Planner;
  readonly #toasts: Toasts;
  readonly #speaker: Speaker;

  #draft = $state.raw<Draft | null>(null);
  #selected = $state.raw<OccurrenceId | null>(null);
  #open = $state.raw<EventView | null>(null);
  #changes = $state.raw<Draft | null>(null);
  #undo: number[] = [];

  constructor(backend: Backend, planner: Planner, toasts: Toasts, speaker: Speaker) {
    this.#backend = backend;
    this.#planner = planner;
    this.#toasts = toasts;
    this.#speaker = speaker;
  }

  /** The new event, while its popover is open. */
  get draft(): Draft | null {
    return this.#draft;
  }

  get selected(): OccurrenceId | null {
    return this.#selected;
  }

  /** The selected event, once the core has told about it. */
  get open(): EventView | null {
    return this.#open;
  }

  /** The open event as it is being edited; null while it is only read. */
  get changes(): Draft | null {
    return this.#changes;
  }

  begin(when: DraftWhen, title = ""): void {
    const calendar = this.#draft?.calendar ?? this.#planner.defaultCalendar?.id;
    if (calendar === undefined) return;
    this.#draft = { title, place: "", notes: "", calendar, when };
  }

  write(change: Partial<Draft>): void {
    if (this.#draft) this.#draft = { ...this.#draft, ...change };
  }

  discard(): void {
    this.#draft = null;
  }

  async save(): Promise<void> {
    const draft = this.#draft;
    if (!draft || !isSound(draft.when)) return;
    const { calendar, place, notes } = draft;
    const title = titleOf(draft.title.trim());
    await this.#attempt(async () => {
      const input = { calendar, title, place: place.trim(), notes, when: whenOf(draft.when) };
      const done = await this.#backend.create(input);
      this.#draft = null;
      await this.#settled(done, words.done.created(title));
    });
  }

  async select({ event, occurrence }: OccurrenceId): Promise<void> {
    if (isSame(this.#selected, { event, occurrence })) return;
    await this.saveChanges();
    this.#selected = { event, occurrence };
    await this.#look();
  }

  async close(): Promise<void> {
    await this.saveChanges();
    this.#selected = null;
    this.#open = null;
  }

  /** Brings the open event up to date after the calendar changed. */
  async look(): Promise<void> {
    if (this.#selected && !this.#changes) await this.#look();
  }

  /** An event that was moved is another occurrence; it stays the selected one. */
  #follow(selected: OccurrenceId): OccurrenceId {
    const same = this.#planner.occurrencesOf(selected.event);
    const [only] = same;
    if (!only || only.repeats || same.some((one) => isSame(selected, one))) return selected;
    return { event: only.event, occurrence: only.occurrence };
  }

  async edit(): Promise<void> {
    if (!this.#selected) return;
    const { event } = this.#selected;
    await this.#attempt(async () => {
      // Without an occurrence: a change of a series is a change of its first time.
      const whole = await this.#backend.event(event);
      if (this.#selected?.event !== event) return;
      const { title, place, notes, calendar } = whole;
      const when = draftOf(whole.when, this.#planner.zone);
      this.#changes = { title, place, notes, calendar, when };
      this.#open = { ...whole, occurrence: this.#selected.occurrence };
    });
  }

  change(change: Partial<Draft>): void {
    if (this.#changes) this.#changes = { ...this.#changes, ...change };
  }

  revert(): void {
    this.#changes = null;
  }

  /** Sends what was changed, and only that. */
  async saveChanges(): Promise<void> {
    const { changes, open } = { changes: this.#changes, open: this.#open };
    this.#changes = null;
    if (!changes || !open) return;
    const input: EditEvent = { event: open.event };
    const title = titleOf(changes.title.trim());
    if (title !== open.title) input.title = title;
    if (changes.place.trim() !== open.place) input.place = changes.place.trim();
    if (changes.notes !== open.notes) input.notes = changes.notes;
    if (changes.calendar !== open.calendar) input.calendar = changes.calendar;
    const when = whenOf(changes.when);
    const moved =
      JSON.stringify(when) !== JSON.stringify(whenOf(draftOf(open.when, this.#planner.zone)));
    if (moved && isSound(changes.when)) input.when = when;
    if (Object.keys(input).length === 1) return;
    await this.#attempt(async () => {
      const done = await this.#backend.edit(input);
      // In another calendar it is another event.
      const { event, occurrence } = { ...open, event: done.event ?? open.event };
      if (isSame(this.#selected, open)) this.#selected = { event, occurrence };
      const said = open.rule ? words.done.editedSeries(title) : words.done.edited(title);
      await this.#settled(done, said);
      await this.#look();
    });
  }

  /** A block dragged or nudged to another place among the columns. */
  async place(block: TimedBlock, from: DaySpan, to: DaySpan): Promise<void> {
    await this.#attempt(async () => {
      const { when, title } = await this.#backend.event(block.event, block.occurrence);
      const days = to.day - from.day;
      const next = shifted(when, days, to.start - from.start, to.end - from.end);
      const done = await this.#backend.edit({ event: block.event, when: next });
      const { formats, dates } = this.#planner;
      const date = formats.longDate(dates[to.day] ?? "");
      const text = `${date}, ${formats.timeRange(to.start, to.end)}`;
      await this.#settled(done, words.done.moved(titleOf(title), text));
      await this.#look();
    });
  }

  /** An event put down some days on; its time of day is kept. */
  async carry(one: OccurrenceId, days: number): Promise<void> {
    await this.#attempt(async () => {
      const { when, title } = await this.#backend.event(one.event, one.occurrence);
      const next = shifted(when, days, 0, 0);
      const done = await this.#backend.edit({ event: one.event, when: next });
      const date = this.#planner.formats.longDate(next.start.slice(0, 10));
      await this.#settled(done, words.done.moved(titleOf(title), date));
      await this.#look();
    });
  }

  async remove(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#changes = null;
    await this.#attempt(async () => {
      const done = await this.#backend.remove(open.event);
      this.#selected = null;
      this.#open = null;
      const title = titleOf(open.title);
      const said = open.rule ? words.done.removedSeries(title) : words.done.removed(title);
      await this.#settled(done, said);
    });
  }

  /** Takes back the last change of this sitting. */
  async undo(): Promise<void> {
    const token = this.#undo.pop();
    if (token === undefined) {
      this.#speaker.say(words.done.nothingToUndo);
      return;
    }
    await this.#attempt(async () => {
      await this.#backend.undo(token);
      this.#toasts.dismiss();
      this.#speaker.say(words.done.undone);
      await this.#planner.refresh();
      await this.look();
    });
  }

  /** Runs `act`; a failure becomes a sentence on the screen, never silence. */
  async attempt(act: () => Promise<void>): Promise<void> {
    await this.#attempt(act);
  }

  async #settled(done: Done, said: string): Promise<void> {
    if (done.undo !== null) this.#undo.push(done.undo);
    const undo = done.undo === null ? null : () => void this.undo();
    this.#toasts.show({ text: said, tone: "plain", undo });
    await this.#planner.refresh();
  }

  async #look(): Promise<void> {
    if (!this.#selected) return;
    const selected = this.#follow(this.#selected);
    this.#selected = selected;
    try {
      const open = await this.#backend.event(selected.event, selected.occurrence);
      if (this.#selected === selected) this.#open = open;
    } catch {
      // Gone, here or on another device: there is nothing left to show.
      if (this.#selected === selected) this.#selected = this.#open = null;
    }
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      const { message } = asFailure(thrown, words.failure.unexpected);
      this.#toasts.show({ text: message, tone: "trouble", undo: null });
    }
  }
}
