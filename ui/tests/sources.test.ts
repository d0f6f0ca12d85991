// Rules of the house that can be read off the sources: where colours come from, who may import
// whom, and what must never be written.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../src", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|svelte|css)$/.test(name) && !name.includes("bindings"))
  .map((name) => ({
    name: relative(root, join(root, name)),
    text: readFileSync(join(root, name), "utf8"),
  }));
const shipped = files.filter(({ name }) => !name.endsWith(".test.ts"));

/** Files of `among` in which `pattern` is found. */
function holding(pattern: RegExp, among = shipped): string[] {
  return among.filter(({ text }) => pattern.test(text)).map(({ name }) => name);
}

describe("the sources", () => {
  it("are there to be read", () => {
    expect(shipped.length).toBeGreaterThan(40);
  });

  it("name colours in the tokens and nowhere else", () => {
    const tokens = ["styles/tokens.css", "styles/hues.css"];
    const others = shipped.filter(({ name }) => !tokens.includes(name));
    const styles = others.map(({ name, text }) => ({
      name,
      text: name.endsWith(".svelte") ? text.slice(Math.max(text.indexOf("<style"), 0)) : text,
    }));
    const css = styles.filter(({ name }) => !name.endsWith(".ts"));
    expect(holding(/#[0-9a-f]{3,8}\b(?![^{]*\{)/i, css)).toEqual([]);
    expect(holding(/\b(rgb|rgba|hsl|hsla|oklch|lab|lch)\(/, css)).toEqual([]);
    expect(holding(/:\s*(white|black|red|blue|gr[ae]y|green)\b/, css)).toEqual([]);
  });

  it("lay out from start to end, never from left to right", () => {
    const physical = /^\s*(margin|padding|border)-(left|right)|^\s*text-align: (left|right)/m;
    expect(holding(physical)).toEqual([]);
  });

  it("use nothing that crashes or crawls in the web views we ship to", () => {
    expect(holding(new RegExp("startView" + "Transition"))).toEqual([]);
    expect(holding(/backdrop-filter/)).toEqual([]);
    expect(holding(/type="(date|time|datetime-local)"/)).toEqual([]);
  });

  it("never inject markup, and load nothing from elsewhere", () => {
    expect(holding(new RegExp("\\{@" + "html"))).toEqual([]);
    expect(holding(/innerHTML|insertAdjacentHTML|document\.write/)).toEqual([]);
    const loaded = /(src|href)="https?:|url\(["']?https?:|\bfetch\(|XMLHttpRequest|WebSocket\(/;
    expect(holding(loaded)).toEqual([]);
  });

  it("set styles only in ways that the content security policy allows", () => {
    expect(holding(/\sstyle=["{]/)).toEqual([]);
    expect(holding(/setAttribute\("style"/)).toEqual([]);
  });

  it("know Tauri in one file", () => {
    expect(holding(/from "@tauri-apps/)).toEqual(["ipc/tauri.ts"]);
  });

  it("keep features apart, and lib free of them", () => {
    const wrong: string[] = [];
    for (const { name, text } of shipped) {
      const feature = /^features\/([^/]+)\//.exec(name)?.[1];
      for (const [, path] of text.matchAll(/from "([^"]+)"/g)) {
        if (!path?.startsWith(".")) continue;
        const target = relative(root, join(root, name, "..", path));
        const other = /^features\/([^/]+)\//.exec(target)?.[1];
        if (other && feature && other !== feature) wrong.push(`${name} -> ${target}`);
        if (other && /^(lib|ipc)\//.test(name)) wrong.push(`${name} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("hold no component longer than 250 lines and no file longer than 600", () => {
    const long = files.filter(({ name, text }) => {
      const lines = text.split("\n").length;
      return lines > (name.endsWith(".svelte") ? 250 : 600);
    });
    expect(long.map(({ name }) => name)).toEqual([]);
  });

  it("open by saying what they are", () => {
    const silent = shipped.filter(({ text }) => !/^(\/\/ |<!-- |\/\* )/.test(text));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it("keep words for people in the catalogue", () => {
    const components = shipped.filter(({ name }) => name.endsWith(".svelte"));
    const bare = components.filter(({ text }) => {
      const markup = text
        .replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, "")
        .replace(/\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, "");
      return (
        /(aria-label|title|placeholder)="[^"]*[A-Za-z]{2}/.test(markup) ||
        />\s*[A-Z][a-z]+ [a-z]+/.test(markup)
      );
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});
