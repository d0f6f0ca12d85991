// When the last word of someone is so old that nothing newer may be known of them.

const WEEK_S = 7 * 86_400;

/** Whether someone has confirmed nothing for a week, or ever. */
export function isStale(confirmedAgoS: number | null): boolean {
  return confirmedAgoS === null || confirmedAgoS >= WEEK_S;
}
