// One toast at a time, gone after eight seconds that do not run while someone is looking at it.
import type { Clock } from "../clock";

export interface Toast {
  text: string;
  tone: "plain" | "trouble";
  undo: (() => void) | null;
}

/** Why the seconds stand still. */
export type Hold = "hover" | "focus" | "blur";

export const TOAST_MS = 8000;

export class Toasts {
  #current = $state.raw<Toast | null>(null);
  readonly #clock: Clock;
  readonly #holds = new Set<Hold>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #left = TOAST_MS;
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get current(): Toast | null {
    return this.#current;
  }

  show(toast: Toast): void {
    this.#stop();
    this.#holds.delete("hover");
    this.#holds.delete("focus");
    this.#current = toast;
    this.#left = TOAST_MS;
    this.#run();
  }

  dismiss(): void {
    this.#stop();
    this.#current = null;
  }

  hold(reason: Hold): void {
    if (this.#timer !== null) this.#left -= this.#clock.elapsed() - this.#since;
    this.#holds.add(reason);
    this.#stop();
  }

  release(reason: Hold): void {
    this.#holds.delete(reason);
    if (this.#current) this.#run();
  }

  #run(): void {
    if (this.#holds.size > 0 || this.#timer !== null) return;
    this.#since = this.#clock.elapsed();
    this.#timer = setTimeout(() => this.dismiss(), Math.max(this.#left, 0));
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
