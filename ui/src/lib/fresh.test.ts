// Whoever is shown an old state by a relay sees at least how old the last word of the others is.
import { expect, it } from "vitest";
import { isStale } from "./fresh";

const DAY_S = 86_400;

it("attack_07_who_has_confirmed_nothing_for_seven_days_is_grey", () => {
  const now = Date.parse("2026-11-23T10:00:00Z");
  const agoS = (said: string) => (now - Date.parse(said)) / 1000;
  expect(isStale(agoS("2026-11-23T09:59:00Z"))).toBe(false);
  expect(isStale(agoS("2026-11-16T10:00:01Z"))).toBe(false);
  expect(isStale(agoS("2026-11-16T10:00:00Z"))).toBe(true);
  expect(isStale(30 * DAY_S)).toBe(true);
  expect(isStale(null)).toBe(true);
});
