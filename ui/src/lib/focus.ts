// Where the keyboard goes when what it stood on has gone: the event if it is still there, else the
// time grid, never nowhere.

export function focusGrid(): void {
  document.querySelector<HTMLElement>("[data-time-grid]")?.focus({ preventScroll: true });
}

/** Puts the keyboard on an occurrence, by its key; false where it is not on screen. */
export function focusOccurrence(key: string): boolean {
  const found = document.querySelector<HTMLElement>(`[data-occurrence="${CSS.escape(key)}"]`);
  found?.focus();
  return found !== null;
}

/** The occurrences on screen, in the order of the week. */
export function occurrencesOnScreen(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-occurrence]")];
}

/** Moves the keyboard `by` events along; from outside it starts at the first or the last. */
export function walkEvents(by: 1 | -1): void {
  const all = occurrencesOnScreen();
  const here = all.findIndex((one) => one === document.activeElement);
  const next = here === -1 ? (by === 1 ? 0 : all.length - 1) : here + by;
  all[next]?.focus();
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
