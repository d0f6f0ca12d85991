// Whom this person shares calendars with, what they have asked for, and who asks them. It is read
// again whenever the core says that a calendar has changed, and never on a timer.
import type { Backend } from "../../ipc/backend";
import type { AwaitedView, CompanyView, Notice, SharedView } from "../../ipc/types";

const NOBODY: SharedView = { calendars: [], awaited: [], ownName: null };

export class Company {
  readonly #backend: Backend;
  #shared = $state.raw<SharedView>(NOBODY);
  #asked = $state.raw<ReadonlySet<string>>(new Set());
  #heard = $state(0);
  #changes = $state(0);
  #sharedAsked = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Calendars that are on their way once an owner has said yes. */
  get awaited(): readonly AwaitedView[] {
    return this.#shared.awaited;
  }

  /** How others see this person; null until it was said once. */
  get ownName(): string | null {
    return this.#shared.ownName;
  }

  /** Grows whenever someone is heard asking to join a calendar. */
  get heard(): number {
    return this.#heard;
  }

  /** Grows whenever a calendar has changed, its people included. */
  get changes(): number {
    return this.#changes;
  }

  of(calendar: string): CompanyView | undefined {
    return this.#shared.calendars.find((one) => one.calendar === calendar);
  }

  /** Whether this person may write into a calendar. */
  mayWrite(calendar: string): boolean {
    const role = this.of(calendar)?.role;
    return role === undefined || role === "owner" || role === "editor";
  }

  /** Whether someone was heard asking, and nobody has looked yet. */
  isAsked(calendar: string): boolean {
    return this.#asked.has(calendar);
  }

  looked(calendar: string): void {
    if (!this.#asked.has(calendar)) return;
    this.#asked = new Set([...this.#asked].filter((one) => one !== calendar));
  }

  /** Follows the core; `asked` hears of everyone who asks. The returned function stops following. */
  async open(asked: (calendar: string) => void): Promise<() => void> {
    const stop = await this.#backend.listen((notice) => this.#notice(notice, asked));
    await this.refresh();
    return stop;
  }

  async refresh(): Promise<void> {
    const asked = ++this.#sharedAsked;
    const shared = await this.#backend.shared();
    // Of answers that overtake each other, the one that was asked for last counts.
    if (asked === this.#sharedAsked) this.#shared = shared;
  }

  #notice(notice: Notice, asked: (calendar: string) => void): void {
    if (notice.kind === "asked") {
      this.#asked = new Set([...this.#asked, notice.calendar]);
      this.#heard += 1;
      asked(notice.calendar);
    } else if (notice.kind === "changed") {
      this.#changes += 1;
      // Locked or gone meanwhile: then there is nothing to show.
      void this.refresh().catch(() => {});
    }
  }
}
