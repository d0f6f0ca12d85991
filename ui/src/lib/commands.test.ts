import { describe, expect, it } from "vitest";
import { chordText, commandFor, commands, tooltip, type KeyPress } from "./commands";
import { words } from "./words";

const key = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});

describe("the command registry", () => {
  it("has each labelled command once, and labels nothing else", () => {
    expect(commands.map((command) => command.id).sort()).toEqual(Object.keys(words.command).sort());
  });

  it("gives no two commands the same keys", () => {
    const chords = commands.flatMap((command) =>
      command.chords.map((chord) => chordText(chord, "other")),
    );
    expect(new Set(chords).size).toBe(chords.length);
  });

  it("answers each of its own chords, on either platform", () => {
    for (const platform of ["mac", "other"] as const) {
      for (const command of commands) {
        for (const chord of command.chords) {
          const primary = chord.primary ?? false;
          const press = key(chord.shift ? chord.key.toUpperCase() : chord.key, {
            ctrlKey: primary && platform === "other",
            metaKey: primary && platform === "mac",
            shiftKey: chord.shift ?? false,
          });
          expect(commandFor(press, platform)).toBe(command.id);
        }
      }
    }
  });

  it("leaves alone what is not meant for it", () => {
    expect(commandFor(key("t", { isComposing: true }), "other")).toBeNull();
    expect(commandFor(key("t", { altKey: true }), "other")).toBeNull();
    expect(commandFor(key("t", { metaKey: true }), "other")).toBeNull();
    expect(commandFor(key("t", { ctrlKey: true }), "other")).toBeNull();
    expect(commandFor(key("z", { ctrlKey: true, shiftKey: true }), "other")).toBeNull();
    expect(commandFor(key("q"), "other")).toBeNull();
  });

  it("finds a letter by its place on a keyboard of another script", () => {
    expect(commandFor(key("е", { code: "KeyT" }), "other")).toBe("today");
  });

  it("writes keys as the platform does", () => {
    expect(tooltip("sidebar", "mac")).toContain("⌘\\");
    expect(tooltip("sidebar", "other")).toContain("Ctrl \\");
  });
});
