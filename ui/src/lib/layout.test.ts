// Packing is checked by its promises, on any set of blocks, not by pictures of a few.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freeRow, pack, packLanes, type Bar, type Packing, type Span } from "./layout";

const COLUMNS_MAX = 4;
const MINUTES_MIN = 25;
const options = { columnsMax: COLUMNS_MAX, minutesMin: MINUTES_MIN };

const spans = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1435 }), fc.integer({ min: 1, max: 400 }), fc.nat(5)), {
    maxLength: 40,
  })
  .map((list): Span[] =>
    list.map(([start, minutes, order], index) => ({
      id: `e${index}`,
      start,
      end: Math.min(1440, start + minutes),
      order,
    })),
  );

const until = (span: Span) => Math.max(span.end, span.start + MINUTES_MIN);
const overlap = (a: Span, b: Span) => a.start < until(b) && b.start < until(a);

function edges(packing: Packing) {
  return new Map(
    packing.places.map((place) => [
      place.id,
      { left: place.column / place.columns, right: (place.column + place.span) / place.columns },
    ]),
  );
}

describe("packing a day", () => {
  it("never lays one block over another", () => {
    fc.assert(
      fc.property(spans, (day) => {
        const at = edges(pack(day, options));
        for (const a of day) {
          for (const b of day) {
            const [x, y] = [at.get(a.id), at.get(b.id)];
            if (a.id === b.id || !x || !y || !overlap(a, b)) continue;
            expect(x.right <= y.left + 1e-9 || y.right <= x.left + 1e-9).toBe(true);
          }
        }
      }),
    );
  });

  it("keeps every block inside its day, and shows or counts each exactly once", () => {
    fc.assert(
      fc.property(spans, (day) => {
        const packing = pack(day, options);
        const ids = [...packing.places.map((p) => p.id), ...packing.more.flatMap((m) => m.ids)];
        expect([...ids].sort()).toEqual(day.map((span) => span.id).sort());
        for (const place of packing.places) {
          expect(place.column).toBeGreaterThanOrEqual(0);
          expect(place.span).toBeGreaterThanOrEqual(1);
          expect(place.column + place.span).toBeLessThanOrEqual(place.columns);
          expect(place.columns).toBeLessThanOrEqual(COLUMNS_MAX);
        }
      }),
    );
  });

  it("does not depend on the order in which blocks arrive", () => {
    fc.assert(
      fc.property(spans, fc.infiniteStream(fc.nat()), (day, keys) => {
        const shuffled = day
          .map((span) => ({ span, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ span }) => span);
        expect(pack(shuffled, options)).toEqual(pack(day, options));
      }),
    );
  });

  it("lets each block grow as far right as nothing is in its way", () => {
    fc.assert(
      fc.property(spans, (day) => {
        const packing = pack(day, options);
        const byId = new Map(day.map((span) => [span.id, span]));
        for (const place of packing.places) {
          const next = place.column + place.span;
          if (next === place.columns) continue;
          const self = byId.get(place.id);
          const blocked = packing.places.some((other) => {
            const span = byId.get(other.id);
            return other.column === next && span && self && overlap(span, self);
          });
          expect(blocked).toBe(true);
        }
      }),
    );
  });

  it("changes only the cluster that a new block joins", () => {
    const morning = { id: "a", start: 540, end: 600, order: 0 };
    const evening = { id: "b", start: 1080, end: 1140, order: 0 };
    const added = { id: "c", start: 1100, end: 1160, order: 0 };
    const place = (packing: Packing) => packing.places.find((one) => one.id === "a");
    expect(place(pack([morning, evening, added], options))).toEqual(
      place(pack([morning, evening], options)),
    );
  });

  it("keeps a band for the count only where blocks are hidden", () => {
    const six = Array.from({ length: 6 }, (_, i) => ({ id: `${i}`, start: 0, end: 60, order: i }));
    const packing = pack(six, options);
    expect(packing.places.every((place) => place.crowded)).toBe(true);
    expect(packing.more).toEqual([{ start: 0, end: 60, ids: ["4", "5"] }]);
    expect(pack(six.slice(0, 4), options).places.some((place) => place.crowded)).toBe(false);
  });

  it("packs a thousand blocks in well under a frame's worth of frames", () => {
    const day = Array.from({ length: 1000 }, (_, i) => ({
      id: `e${i}`,
      start: (i * 7) % 1380,
      end: ((i * 7) % 1380) + 30,
      order: 0,
    }));
    const begun = performance.now();
    pack(day, options);
    expect(performance.now() - begun).toBeLessThan(200);
  });
});

const bars = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), {
    maxLength: 20,
  })
  .map((list): Bar[] =>
    list.map(([first, length], index) => ({
      id: `b${index}`,
      first,
      last: Math.min(6, first + length),
    })),
  );

describe("the all-day lane", () => {
  it("never lays one bar, or a count, over another bar", () => {
    fc.assert(
      fc.property(bars, (week) => {
        const lanes = packLanes(week, 7, 3);
        const taken = new Set<string>();
        const take = (day: number, row: number) => {
          expect(taken.has(`${day}/${row}`)).toBe(false);
          taken.add(`${day}/${row}`);
        };
        for (const bar of week) {
          const row = lanes.rows.get(bar.id);
          if (row === undefined) continue;
          for (let day = bar.first; day <= bar.last; day += 1) take(day, row);
        }
        for (const day of lanes.more.keys()) take(day, 2);
      }),
    );
  });

  it("counts on each day exactly the bars that it hides", () => {
    fc.assert(
      fc.property(bars, (week) => {
        const lanes = packLanes(week, 7, 3);
        for (let day = 0; day < 7; day += 1) {
          const hidden = week.filter(
            (bar) => bar.first <= day && day <= bar.last && !lanes.rows.has(bar.id),
          );
          expect(lanes.more.get(day) ?? 0).toBe(hidden.length);
        }
      }),
    );
  });

  it("hides nothing once it is opened", () => {
    fc.assert(
      fc.property(bars, (week) => {
        const lanes = packLanes(week, 7, Infinity);
        expect(lanes.rows.size).toBe(week.length);
        expect(lanes.more.size).toBe(0);
      }),
    );
  });
});

/** Bars and timed events of one week, as a month shows them. */
const weeks = fc
  .tuple(bars, fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.nat(1439)), { maxLength: 20 }))
  .map(([long, timed]): Bar[] => [
    ...long,
    ...timed.map(([day, minute], index) => ({ id: `t${index}`, first: day, last: day, minute })),
  ]);

describe("a week of the month", () => {
  it("keeps the promises of the lane, with events of a time among the bars", () => {
    fc.assert(
      fc.property(weeks, fc.integer({ min: 1, max: 6 }), (week, rowsMax) => {
        const lanes = packLanes(week, 7, rowsMax);
        const taken = new Set<string>();
        for (const bar of week) {
          const row = lanes.rows.get(bar.id);
          for (let day = bar.first; day <= bar.last; day += 1) {
            if (row === undefined) expect(lanes.more.get(day) ?? 0).toBeGreaterThan(0);
            else expect(taken.has(`${day}/${row}`)).toBe(false);
            taken.add(`${day}/${row ?? bar.id}`);
          }
        }
        for (const day of lanes.more.keys()) expect(taken.has(`${day}/${rowsMax - 1}`)).toBe(false);
      }),
    );
  });

  it("reads from top to bottom as the day goes, after what has no time", () => {
    fc.assert(
      fc.property(weeks, (week) => {
        const { rows } = packLanes(week, 7, Infinity);
        for (const a of week) {
          for (const b of week) {
            if (a.minute === undefined || a.first !== b.first) continue;
            const later = b.minute !== undefined && a.minute < b.minute;
            if (later) expect(rows.get(a.id)).toBeLessThan(rows.get(b.id) ?? -1);
          }
        }
      }),
    );
  });

  it("finds a free row for what is on its way", () => {
    fc.assert(
      fc.property(weeks, fc.integer({ min: 0, max: 6 }), (week, first) => {
        const { rows } = packLanes(week, 7, Infinity);
        const row = freeRow(week, rows, first, 6);
        const here = week.filter((bar) => bar.last >= first);
        expect(here.map((bar) => rows.get(bar.id))).not.toContain(row);
      }),
    );
  });
});
