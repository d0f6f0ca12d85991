// No sentence of the interface holds a word that nobody should have to know. The list is one file, by
// which the stories in the real window read their screens too.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Entry {
  word: string;
  /** Phrases in which the word is an ordinary one. */
  allowed: string[];
}

const list: Entry[] = read("tests/corpus/jargon.txt")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [word = "", phrases = ""] = line.split(":");
    const allowed = phrases.split(",").map((phrase) => phrase.trim());
    return { word, allowed: allowed.filter((phrase) => phrase !== "") };
  });

/** The words of the list that stand in a text. */
function jargonIn(text: string): string[] {
  const lower = text.toLowerCase();
  const found = list.filter(({ word, allowed }) => {
    const rest = allowed.reduce((left, phrase) => left.replaceAll(phrase, ""), lower);
    return rest.split(/[^\p{L}\p{N}-]+/u).some((one) => one === word || one === `${word}s`);
  });
  return found.map(({ word }) => word);
}

/** Everything between quotes, what is computed inside a template left out. */
function texts(source: string): string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  const quoted = [...code.matchAll(/"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)];
  return quoted.map((found) => (found[1] ?? found[2] ?? "").replace(/\$\{[^}]*\}/g, " "));
}

describe("the words for people", () => {
  it("come from a list that knows what it means", () => {
    expect(list.length).toBeGreaterThan(20);
    expect(jargonIn("A new key for every epoch")).toEqual(["epoch", "key"]);
    expect(jargonIn("Arrow keys choose; keyboard shortcuts")).toEqual([]);
  });

  it.each(["words.ts", "words-people.ts"])("hold none of it in %s", (file) => {
    const all = texts(read(`ui/src/lib/${file}`));
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((text) => jargonIn(text).length > 0)).toEqual([]);
  });

  it("hold none of it where the core speaks to the window", () => {
    const folder = "crates/client/src";
    const spoken = [
      ...["sharing.rs", "sharing/change.rs", "sharing/invite.rs", "sharing/join.rs"],
      ...["sharing/members.rs", "sharing/people.rs", "accounts/link.rs", "accounts/request.rs"],
      ...["accounts/window_link.rs", "accounts/devices.rs", "findings.rs", "error.rs"],
    ];
    for (const file of spoken) {
      const source = read(`${folder}/${file}`).split("#[cfg(test)]")[0] ?? "";
      const sentences = texts(source).filter((text) => /^[A-Z][^.]* .*\.$/s.test(text.trim()));
      expect(sentences.filter((text) => jargonIn(text).length > 0)).toEqual([]);
    }
  });
});
