// How people are drawn: initials on a colour of their own, and numbers in lines that can be read aloud.
import type { MemberRole } from "../ipc/types";
import { hues, type Hue } from "./hues";

const GROUPS_PER_LINE = 4;
/** FNV-1a, 32 bits: the same person has the same colour on every device. */
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

const BY_REACH: readonly MemberRole[] = ["owner", "editor", "viewer", "freeBusy"];

/** Roles, each once, the one that may most first. */
export function byReach(roles: readonly MemberRole[]): MemberRole[] {
  return BY_REACH.filter((role) => roles.includes(role));
}

/** "Ada Ekström" → "AE"; one name gives one letter, none gives a mark. */
export function initials(name: string): string {
  const parts = name
    .trim()
    .split(/\s+/)
    .filter((part) => part !== "");
  const letters = [parts[0], parts.length > 1 ? parts[parts.length - 1] : undefined];
  const drawn = letters.map((part) => (part === undefined ? "" : ([...part][0] ?? "")));
  return drawn.join("").toLocaleUpperCase() || "?";
}

/** People as they are listed: who is here first, then who may most, then by name. */
export function listed<T extends { this: boolean; role: MemberRole; name: string }>(
  people: readonly T[],
): T[] {
  const reach = (one: T) => BY_REACH.indexOf(one.role);
  return [...people].sort(
    (one, other) =>
      Number(other.this) - Number(one.this) ||
      reach(one) - reach(other) ||
      one.name.localeCompare(other.name),
  );
}

/** The colour of a person, by the id of their account. */
export function hueOfPerson(id: string): Hue {
  let hash = SEED;
  for (const character of id) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), PRIME) >>> 0;
  }
  // Gray is what has no colour.
  return hues[hash % (hues.length - 1)] ?? "blue";
}

/** Safety numbers in lines of four groups. */
export function numberLines(numbers: string): string[][] {
  const groups = numbers.split(/\s+/).filter((group) => group !== "");
  const lines: string[][] = [];
  for (let at = 0; at < groups.length; at += GROUPS_PER_LINE) {
    lines.push(groups.slice(at, at + GROUPS_PER_LINE));
  }
  return lines;
}

/** Nine digits in groups of three. */
export function digitGroups(digits: string): string {
  return (digits.replace(/\D/g, "").match(/.{1,3}/g) ?? []).join(" ");
}
