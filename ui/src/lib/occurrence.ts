// The identity of an occurrence: its event and its original start together. The start alone is
// shared by everything that begins at that moment.

export interface OccurrenceId {
  event: string;
  occurrence: string;
}

/** One text for the identity, for keys of lists and of elements. */
export function keyOf({ event, occurrence }: OccurrenceId): string {
  return `${event} ${occurrence}`;
}

export function isSame(a: OccurrenceId | null | undefined, b: OccurrenceId): boolean {
  return a?.event === b.event && a.occurrence === b.occurrence;
}
