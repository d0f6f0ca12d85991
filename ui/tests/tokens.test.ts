// Every pair of colours that text is ever set in, in both themes, is readable (WCAG 2.2, 1.4.3),
// and every mark that carries meaning can be seen (1.4.11).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hues } from "../src/lib/hues";

const TEXT_MIN = 4.5;
const MARK_MIN = 3;

type Tokens = Map<string, string>;

function read(file: string): { light: Tokens; dark: Tokens } {
  const css = readFileSync(new URL(`../src/styles/${file}`, import.meta.url), "utf8");
  const [first = "", second = ""] = css.split('[data-theme="dark"]');
  const tokens = (text: string): Tokens =>
    new Map(
      [...text.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)].map((m) => [m[1] ?? "", m[2] ?? ""]),
    );
  return { light: tokens(first), dark: tokens(second) };
}

const base = read("tokens.css");
const hue = read("hues.css");
const themes = {
  light: new Map([...base.light, ...hue.light]),
  dark: new Map([...base.light, ...hue.light, ...base.dark, ...hue.dark]),
};

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const texts: [string, string][] = [
  ...["bg", "bg2", "raised", "fill", "fill-hover", "off", "accent-tint"].map(
    (surface): [string, string] => ["text", surface],
  ),
  ...["bg", "bg2", "raised", "fill"].map((surface): [string, string] => ["text2", surface]),
  ...["density-1", "density-2", "density-3", "density-4"].map((surface): [string, string] => [
    "text",
    surface,
  ]),
  ["text3", "bg"],
  ["text3", "raised"],
  ["accent", "bg"],
  ["accent", "raised"],
  ["danger", "bg"],
  ["danger", "raised"],
  ["ok", "bg"],
  ["on-accent", "accent-fill"],
  ["on-accent", "accent-fill-hover"],
  ["on-danger", "danger"],
];
const marks: [string, string][] = [
  ["focus", "bg"],
  ["focus", "bg2"],
  ["now", "bg"],
  ["now", "off"],
  ["accent", "raised"],
  ["ok", "bg2"],
];
const hueTexts: [string, string][] = [
  ["text", "bg"],
  ["text", "hover"],
  ["meta", "bg"],
  ["meta", "hover"],
  ["past-text", "past-bg"],
  ["past-meta", "past-bg"],
];

describe.each(["light", "dark"] as const)("the %s tokens", (theme) => {
  const tokens = themes[theme];
  const ratio = (ink: string, surface: string) => {
    const [a, b] = [tokens.get(ink), tokens.get(surface)];
    if (!a || !b) throw new Error(`no token ${a ? surface : ink}`);
    return contrast(a, b);
  };

  it.each(texts)("set --%s readably on --%s", (ink, surface) => {
    expect(ratio(ink, surface)).toBeGreaterThanOrEqual(TEXT_MIN);
  });

  it.each(marks)("show --%s on --%s", (mark, surface) => {
    expect(ratio(mark, surface)).toBeGreaterThanOrEqual(MARK_MIN);
  });

  it.each(hues)("set every text of %s readably", (name) => {
    for (const [ink, surface] of hueTexts) {
      expect(ratio(`${name}-${ink}`, `${name}-${surface}`)).toBeGreaterThanOrEqual(TEXT_MIN);
    }
    expect(ratio("on-selected", `${name}-selected`)).toBeGreaterThanOrEqual(TEXT_MIN);
    expect(ratio(`${name}-bar`, "bg")).toBeGreaterThanOrEqual(MARK_MIN);
  });
});
