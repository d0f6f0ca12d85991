// Every command of the window: its keys and its group. Shortcuts, tooltips and the help sheet are
// all read from here, so that they cannot disagree. What a command does is bound by the window.
import { words, type CommandName } from "./words";

/** A key with its modifiers; `primary` is Ctrl, or Cmd on macOS. */
export interface Chord {
  key: string;
  primary?: true;
  shift?: true;
}

export interface Command {
  id: CommandName;
  group: "go" | "view" | "event" | "window";
  chords: readonly Chord[];
}

export const commands: readonly Command[] = [
  { id: "today", group: "go", chords: [{ key: "t" }] },
  { id: "next", group: "go", chords: [{ key: "j" }, { key: "n" }, { key: "ArrowRight" }] },
  { id: "previous", group: "go", chords: [{ key: "k" }, { key: "p" }, { key: "ArrowLeft" }] },
  { id: "viewDay", group: "view", chords: [{ key: "d" }, { key: "1" }] },
  { id: "viewWeek", group: "view", chords: [{ key: "w" }, { key: "2" }] },
  { id: "viewMonth", group: "view", chords: [{ key: "m" }, { key: "3" }] },
  { id: "viewDays", group: "view", chords: [{ key: "x" }, { key: "4" }] },
  { id: "viewAgenda", group: "view", chords: [{ key: "a" }, { key: "5" }] },
  { id: "viewYear", group: "view", chords: [{ key: "y" }, { key: "6" }] },
  { id: "viewWorkWeek", group: "view", chords: [{ key: "w", shift: true }] },
  { id: "create", group: "event", chords: [{ key: "c" }] },
  { id: "createAllDay", group: "event", chords: [{ key: "a", shift: true }] },
  { id: "nextEvent", group: "event", chords: [{ key: "]" }] },
  { id: "previousEvent", group: "event", chords: [{ key: "[" }] },
  { id: "edit", group: "event", chords: [{ key: "e" }] },
  { id: "remove", group: "event", chords: [{ key: "Delete" }, { key: "Backspace" }] },
  { id: "undo", group: "event", chords: [{ key: "z" }, { key: "z", primary: true }] },
  { id: "importFile", group: "window", chords: [{ key: "o", primary: true }] },
  { id: "join", group: "window", chords: [{ key: "j", shift: true }] },
  { id: "devices", group: "window", chords: [{ key: "d", shift: true }] },
  { id: "sync", group: "window", chords: [{ key: "s" }] },
  { id: "sidebar", group: "window", chords: [{ key: "\\", primary: true }] },
  { id: "inspector", group: "window", chords: [{ key: "/", primary: true }] },
  { id: "help", group: "window", chords: [{ key: "?" }] },
];

/** The parts of a keyboard event that matter here. */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
}

export type Platform = "mac" | "other";

/** The command of a key press; null while text is being composed or when nothing is bound. */
export function commandFor(press: KeyPress, platform: Platform): CommandName | null {
  if (press.isComposing || press.altKey) return null;
  const primary = platform === "mac" ? press.metaKey : press.ctrlKey;
  const foreign = platform === "mac" ? press.ctrlKey : press.metaKey;
  if (foreign) return null;
  const key = keyOf(press);
  for (const command of commands) {
    for (const chord of command.chords) {
      if (chord.key !== key || (chord.primary ?? false) !== primary) continue;
      if (isLetter(key) && (chord.shift ?? false) !== press.shiftKey) continue;
      return command.id;
    }
  }
  return null;
}

/** The key as Latin layouts name it; other layouts fall back to where the key sits. */
function keyOf(press: KeyPress): string {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const physical = /^Key([A-Z])$/.exec(press.code);
  if (physical?.[1] && key.length === 1 && key > "\u007f") return physical[1].toLowerCase();
  return key;
}

const isLetter = (key: string) => /^[a-z]$/.test(key);

const GLYPHS: Record<string, string> = {
  ArrowRight: "→",
  ArrowLeft: "←",
  Delete: "Del",
  Backspace: "⌫",
};

/** A chord as the platform writes it: "⌘\" or "Ctrl \". */
export function chordText(chord: Chord, platform: Platform): string {
  const key = GLYPHS[chord.key] ?? chord.key.toUpperCase();
  const shift = chord.shift ? (platform === "mac" ? "⇧" : "Shift ") : "";
  const primary = chord.primary ? (platform === "mac" ? "⌘" : "Ctrl ") : "";
  return `${primary}${shift}${key}`;
}

/** A label with its first shortcut, for a tooltip. */
export function tooltip(id: CommandName, platform: Platform, label = words.command[id]): string {
  const chord = commands.find((command) => command.id === id)?.chords[0];
  return chord ? `${label} (${chordText(chord, platform)})` : label;
}
