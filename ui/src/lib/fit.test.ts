import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBlock, wrapped, type Measure } from "./fit";

/** Every letter as wide as half its size: close to Inter, and easy to reckon with. */
const measure: Measure = (text, size) => (text.length * size) / 2;
const text = { title: "Grid review", time: "14:00", place: "Room 4", icons: 1 };

describe("what fits into a block", () => {
  it("shows everything where there is room", () => {
    expect(fitBlock(150, 47, text, measure)).toMatchObject({
      size: "full",
      titleLines: 1,
      time: true,
      placeBeside: true,
      icons: true,
    });
  });

  it("gives the place its own line rather than cutting it", () => {
    const long = { ...text, place: "Harbour House, second floor" };
    const fit = fitBlock(150, 80, long, measure);
    expect(fit.placeBelow && !fit.placeBeside).toBe(true);
  });

  it("drops the time first, then the icons, when there is one line", () => {
    expect(fitBlock(150, 23, text, measure)).toMatchObject({
      size: "line",
      time: true,
      icons: true,
    });
    expect(fitBlock(102, 23, text, measure)).toMatchObject({ time: false, icons: true });
    expect(fitBlock(86, 23, text, measure)).toMatchObject({ time: false, icons: false });
  });

  it("keeps a very short block to its title", () => {
    expect(fitBlock(150, 20, text, measure)).toMatchObject({ size: "tiny", time: false });
  });

  it("has only the title, clipped, in a narrow column", () => {
    const fit = fitBlock(40, 90, text, measure);
    expect(fit).toMatchObject({ narrow: true, time: false, icons: false });
    expect(wrapped("extraordinarily", 20, 11, false, measure)).toBe(1);
    expect(wrapped("extraordinarily", 20, 11, true, measure)).toBeGreaterThan(1);
  });

  it("never asks for more lines than the block has", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 20, max: 1200 }),
        fc.string({ maxLength: 200 }),
        fc.string({ maxLength: 60 }),
        fc.nat(3),
        (width, height, title, place, icons) => {
          const fit = fitBlock(width, height, { title, time: "14:00", place, icons }, measure);
          const lines = fit.titleLines * (fit.narrow ? 14 : 16);
          const metas = (fit.time ? 14 : 0) + (fit.placeBelow ? 14 : 0);
          expect(fit.titleLines).toBeGreaterThanOrEqual(1);
          if (fit.size === "full")
            expect(lines + metas).toBeLessThanOrEqual(Math.max(height - 5, 16));
          expect(fit.placeBeside && fit.placeBelow).toBe(false);
        },
      ),
    );
  });
});
