// Where the keyboard goes when what it stood on has gone: the event if it is still there, else where
// the view itself takes keys, never nowhere.

let isReturning = false;

export function focusGrid(): void {
  isReturning = true;
  document.querySelector<HTMLElement>("[data-view-stop]")?.focus({ preventScroll: true });
  isReturning = false;
}

/** Whether someone led the keyboard to `element`, so that what is typed there belongs to it. Coming
    back to the view after something was written is not that: there letters are shortcuts. */
export function isLedTo(element: Element): boolean {
  return !isReturning && element.matches(":focus-visible");
}

/** The event that the keyboard is on, kept while it is drawn anew. */
export class Held {
  #event: string | null = null;
  #isKeyboard = false;

  note({ target }: FocusEvent): void {
    if (!(target instanceof HTMLElement)) return;
    this.#event = target.dataset["event"] ?? null;
    this.#isKeyboard = target.matches(":focus-visible");
  }

  /** The pointer leads now. */
  drop(): void {
    this.#event = null;
  }

  /** Back to the event where drawing it anew has taken the keyboard off it. */
  restore(root: HTMLElement | undefined): void {
    if (this.#event === null || document.activeElement !== document.body) return;
    const again = root?.querySelector<HTMLElement>(`[data-event="${CSS.escape(this.#event)}"]`);
    if (again) again.focus({ preventScroll: true });
    else if (this.#isKeyboard) focusGrid();
  }
}

/** Puts the keyboard on an occurrence, by its key; false where it is not on screen. */
export function focusOccurrence(key: string): boolean {
  const found = document.querySelector<HTMLElement>(`[data-occurrence="${CSS.escape(key)}"]`);
  found?.focus();
  return found !== null;
}

/** The occurrences on screen, in the order of the view. */
export function occurrencesOnScreen(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-occurrence]")];
}

/** Moves the keyboard `by` events along, from where it is; from outside it starts at the first or
    the last. */
export function walkEvents(by: 1 | -1): void {
  const all = occurrencesOnScreen();
  const from = document.activeElement ?? document.body;
  const here = all.indexOf(from as HTMLElement);
  if (here !== -1) return all[here + by]?.focus();
  const isAfter = (one: HTMLElement) =>
    (from.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  const next = all.findIndex(isAfter);
  const inside = from !== document.body && next !== -1;
  if (by === 1) all[inside ? next : 0]?.focus();
  else all[inside ? next - 1 : all.length - 1]?.focus();
}

/** Back into the open dialog, where what the keyboard stood on has gone from it. */
export function focusDialog(): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  const dialogs = document.querySelectorAll<HTMLElement>("dialog[open]");
  dialogs[dialogs.length - 1]?.focus({ preventScroll: true });
}

/** Whether keys belong to what has the focus: it takes text, or a list of its own. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
