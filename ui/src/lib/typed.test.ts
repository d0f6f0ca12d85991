import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Formats } from "./format";
import { readDate, readTime } from "./typed";

const TODAY = "2026-11-25";
const british = new Formats({ locale: "en-GB", hourCycle: "h23", firstDay: 1 });
const american = new Formats({ locale: "en-US", hourCycle: "h12", firstDay: 7 });
const german = new Formats({ locale: "de-DE", hourCycle: "h23", firstDay: 1 });

describe("typed times", () => {
  const cases: [string, number | null][] = [
    ["930", 570],
    ["9:30", 570],
    ["9.30", 570],
    ["14h30", 870],
    ["9", 540],
    ["14", 840],
    ["0", 0],
    ["1430", 870],
    ["9:30p", 1290],
    ["9pm", 1260],
    ["12am", 0],
    ["12 p.m.", 720],
    [" 7 PM ", 1140],
    ["24", null],
    ["9:75", null],
    ["13pm", null],
    ["0am", null],
    ["noon-ish", null],
    ["", null],
    ["12345", null],
  ];
  it.each(cases)("reads “%s” as %s", (text, minute) => {
    expect(readTime(text)).toBe(minute);
  });

  it("reads back every time that it writes, in both clocks", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1439 }), (minute) => {
        expect(readTime(british.time(minute))).toBe(minute);
        expect(readTime(american.time(minute))).toBe(minute);
      }),
    );
  });
});

describe("typed dates", () => {
  const cases: [string, string | null][] = [
    ["2026-12-01", "2026-12-01"],
    ["today", TODAY],
    ["Tomorrow", "2026-11-26"],
    ["yesterday", "2026-11-24"],
    ["fri", "2026-11-27"],
    ["Wednesday", TODAY],
    ["mon", "2026-11-30"],
    ["27", "2026-11-27"],
    ["27 nov", "2026-11-27"],
    ["Fri 27 Nov", "2026-11-27"],
    ["nov 27", "2026-11-27"],
    ["3 feb", "2027-02-03"],
    ["3 feb 2026", "2026-02-03"],
    ["3/12", "2026-12-03"],
    ["3.12.2027", "2027-12-03"],
    ["1st december", "2026-12-01"],
    ["31 nov", null],
    ["2026-02-30", null],
    ["someday", null],
    ["fr", null],
    ["", null],
  ];
  it.each(cases)("reads “%s” as %s", (text, date) => {
    expect(readDate(text, TODAY, british.names())).toBe(date);
  });

  it("reads numbers in the order of the region", () => {
    expect(readDate("12/3", TODAY, american.names())).toBe("2026-12-03");
    expect(readDate("3/12", TODAY, british.names())).toBe("2026-12-03");
  });

  it("knows the names of another language", () => {
    expect(readDate("27. november", TODAY, german.names())).toBe("2026-11-27");
    expect(readDate("freitag", TODAY, german.names())).toBe("2026-11-27");
  });

  it("reads back every date that its own field shows", () => {
    fc.assert(
      fc.property(fc.integer({ min: -150, max: 150 }), (offset) => {
        const date = new Date(Date.UTC(2026, 10, 25 + offset)).toISOString().slice(0, 10);
        for (const formats of [british, american]) {
          expect(readDate(formats.fieldDate(date, TODAY), TODAY, formats.names())).toBe(date);
        }
      }),
    );
  });
});
