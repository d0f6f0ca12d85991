import { expect, test } from "vitest";
import type { MemberRole } from "../ipc/types";
import { byReach, digitGroups, hueOfPerson, initials, listed, numberLines } from "./people";

test("a name gives the letters of its first and its last part", () => {
  expect(initials("Ada Ekström")).toBe("AE");
  expect(initials("  grace  brewster murray hopper ")).toBe("GH");
  expect(initials("Łucja")).toBe("Ł");
  expect(initials("🦉 Eule")).toBe("🦉E");
  expect(initials(" ")).toBe("?");
});

test("a person has one colour, and never that of nobody", () => {
  const ids = Array.from({ length: 200 }, (_, at) => at.toString(16).padStart(64, "0"));
  for (const id of ids) {
    expect(hueOfPerson(id)).toBe(hueOfPerson(id));
    expect(hueOfPerson(id)).not.toBe("gray");
  }
  expect(new Set(ids.map(hueOfPerson)).size).toBeGreaterThan(8);
});

test("whoever is here is listed first, then who may most, then by name", () => {
  const person = (name: string, role: MemberRole, self = false) => ({ name, role, this: self });
  const people = [
    person("Zoe", "editor"),
    person("Bob", "viewer"),
    person("Ada", "viewer"),
    person("Me", "freeBusy", true),
    person("Kim", "owner"),
  ];
  expect(listed(people).map((one) => one.name)).toEqual(["Me", "Kim", "Zoe", "Ada", "Bob"]);
});

test("roles are listed once, the one that may most first", () => {
  expect(byReach(["viewer", "owner", "viewer"])).toEqual(["owner", "viewer"]);
});

test("numbers stand in lines that can be read aloud", () => {
  const groups = Array.from({ length: 12 }, (_, at) => String(10_000 + at));
  expect(numberLines(groups.join(" "))).toEqual([
    groups.slice(0, 4),
    groups.slice(4, 8),
    groups.slice(8),
  ]);
  expect(numberLines("")).toEqual([]);
});

test("digits stand in threes however they came", () => {
  expect(digitGroups("372457141")).toBe("372 457 141");
  expect(digitGroups("372-457 141")).toBe("372 457 141");
});
