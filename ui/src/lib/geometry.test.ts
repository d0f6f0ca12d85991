import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  autoScroll,
  besideAnchor,
  blockBox,
  BLOCK_MIN_MINUTES,
  BLOCK_MIN_PX,
  minuteToPx,
  pointAt,
  snap,
  snapDown,
} from "./geometry";

const box = { left: 100, top: 50, width: 700, height: 1152 };

describe("pixels and minutes", () => {
  it("finds the day and minute under a pointer, in both directions of writing", () => {
    expect(pointAt(250, 50 + 480, box, 7, "ltr")).toEqual({ day: 1, minute: 600 });
    expect(pointAt(250, 50 + 480, box, 7, "rtl")).toEqual({ day: 5, minute: 600 });
  });

  it("holds to the edge outside the grid", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (x, y) => {
        const { day, minute } = pointAt(x, y, box, 7, "ltr");
        expect(day >= 0 && day <= 6 && minute >= 0 && minute <= 1440).toBe(true);
      }),
    );
  });

  it("snaps into the day", () => {
    expect([snapDown(614), snapDown(1440), snap(608), snap(1439), snap(-3)]).toEqual([
      600, 1425, 615, 1440, 0,
    ]);
  });

  it("draws no block so low that the next would cover its text", () => {
    expect(minuteToPx(BLOCK_MIN_MINUTES)).toBeGreaterThanOrEqual(BLOCK_MIN_PX);
  });

  it("leaves room to click at the end of each day", () => {
    const place = { id: "a", column: 0, span: 1, columns: 1, crowded: false };
    const { left, width } = blockBox(place, 540, 600, 150);
    expect(left + width).toBeLessThanOrEqual(150 - 6);
  });

  it("scrolls only near an edge, and towards it", () => {
    expect(autoScroll(300, 100, 700)).toBe(0);
    expect(autoScroll(110, 100, 700)).toBeLessThan(0);
    expect(autoScroll(690, 100, 700)).toBeGreaterThan(0);
  });
});

describe("a popover", () => {
  const size = { width: 360, height: 280 };
  const view = { width: 1280, height: 860 };

  it("stands after its anchor where there is room, else before it", () => {
    const near = { left: 300, top: 200, width: 100, height: 50 };
    expect(besideAnchor(near, size, view, "ltr")).toEqual({ left: 404, top: 200 });
    const far = { left: 1100, top: 200, width: 100, height: 50 };
    expect(besideAnchor(far, size, view, "ltr")).toEqual({ left: 736, top: 200 });
  });

  it("is always in view", () => {
    const anchors = fc.record({
      left: fc.integer({ min: -200, max: 1400 }),
      top: fc.integer({ min: -2000, max: 2000 }),
      width: fc.integer({ min: 1, max: 900 }),
      height: fc.integer({ min: 1, max: 1200 }),
    });
    fc.assert(
      fc.property(anchors, fc.constantFrom("ltr" as const, "rtl" as const), (anchor, dir) => {
        const { left, top } = besideAnchor(anchor, size, view, dir);
        expect(left >= 0 && left + size.width <= view.width).toBe(true);
        expect(top >= 0 && top + size.height <= view.height).toBe(true);
      }),
    );
  });
});
