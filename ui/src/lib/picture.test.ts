import decode from "qr/decode.js";
import { expect, test } from "vitest";
import { pictureOf, type Picture } from "./picture";

const SCALE = 4;

/** What a camera would see of it. */
function seen({ size, path }: Picture) {
  const side = size * SCALE;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row += 1) {
      const from = (row * side + Number(x) * SCALE) * 4;
      for (let at = from; at < from + Number(width) * SCALE * 4; at += 4) data.fill(0, at, at + 3);
    }
  }
  return { width: side, height: side, data };
}

test.each([
  ["an invite", `ALM1${"0123456789ABCDEFGHJKMNPQRSTVWXYZ".repeat(9)}`],
  ["a line for a device", "https://cal.example.org KXWQ-7PLM"],
])("a camera reads %s", (_, text) => {
  expect(decode(seen(pictureOf(text)))).toBe(text);
});

test("no dark square lies at the edge, where cameras look for light", () => {
  const { size, path } = pictureOf("ALM1");
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    expect(Number(x)).toBeGreaterThanOrEqual(4);
    expect(Number(y)).toBeGreaterThanOrEqual(4);
    expect(Number(x) + Number(width)).toBeLessThanOrEqual(size - 4);
  }
});
