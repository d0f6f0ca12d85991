// What of an event's text a block has room for. Order of worth: title, then icons, then the time;
// the place takes a line of its own when there is one to spare. Pure: widths come from `measure`.

/** Width in pixels of `text` in a font size (px) and weight. */
export type Measure = (text: string, size: number, weight: number) => number;

export interface BlockText {
  title: string;
  time: string;
  place: string;
  icons: number;
}

export interface Fit {
  /** `line`: one line; `tiny`: one small line; `full`: as many as fit. */
  size: "tiny" | "line" | "full";
  narrow: boolean;
  titleLines: number;
  time: boolean;
  placeBeside: boolean;
  placeBelow: boolean;
  icons: boolean;
}

const NARROW_PX = 56;
const ICON_PX = 14;

export function fitBlock(width: number, height: number, text: BlockText, measure: Measure): Fit {
  const narrow = width < NARROW_PX;
  const inner = width - (narrow ? 9 : 14);
  if (height < 22 || (height < 34 && !narrow)) return fitLine(inner, height, narrow, text, measure);

  const lineHeight = narrow ? 14 : 16;
  const fontSize = narrow ? 11 : 12;
  const room = height - 5;
  const linesMax = Math.max(1, Math.floor(room / lineHeight));
  const lines = (free: number) => wrapped(text.title, free, fontSize, !narrow, measure);
  const withTime = (count: number) => !narrow && count * lineHeight + 14 <= room;

  const iconsPx = narrow ? 0 : text.icons * ICON_PX;
  let icons = iconsPx > 0;
  let need = lines(inner - iconsPx);
  if (icons && (need > linesMax || !withTime(need))) {
    const without = lines(inner);
    icons = without >= need;
    need = Math.min(need, without);
  }
  const titleLines = Math.min(need, linesMax);
  const time = withTime(titleLines);
  const both = `${text.time} · ${text.place}`;
  const wide = measure(both, 11, 400) > inner;
  const spare = titleLines * lineHeight + 28 <= room;
  const placeBelow = time && text.place !== "" && wide && spare;
  const placeBeside = time && text.place !== "" && !placeBelow;
  return { size: "full", narrow, titleLines, time, placeBeside, placeBelow, icons };
}

function fitLine(
  inner: number,
  height: number,
  narrow: boolean,
  text: BlockText,
  measure: Measure,
): Fit {
  const tiny = height < 22;
  const title = measure(text.title, tiny || narrow ? 11 : 12, 600);
  const time = !tiny && !narrow && title + 5 + measure(text.time, 11, 400) <= inner;
  const taken = title + (time ? 5 + measure(text.time, 11, 400) : 0);
  const icons = !narrow && text.icons > 0 && taken + text.icons * ICON_PX <= inner;
  return {
    size: tiny ? "tiny" : "line",
    narrow,
    titleLines: 1,
    time,
    placeBeside: false,
    placeBelow: false,
    icons,
  };
}

/** Lines that greedy wrapping needs; a word longer than the line is broken, or else clipped. */
export function wrapped(
  text: string,
  width: number,
  size: number,
  breaks: boolean,
  measure: Measure,
): number {
  if (width <= 0) return 1;
  const space = measure(" ", size, 600);
  let lines = 1;
  let used = 0;
  for (const word of text.split(/\s+/)) {
    const length = measure(word, size, 600);
    if (used > 0 && used + space + length <= width) {
      used += space + length;
      continue;
    }
    if (used > 0) lines += 1;
    const extra = breaks ? Math.max(0, Math.ceil(length / width) - 1) : 0;
    lines += extra;
    used = length - extra * width;
  }
  return lines;
}
