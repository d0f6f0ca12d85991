// Text widths in the interface's own font, remembered: paging back to a week measures nothing.
import type { Measure } from "./fit";

export function canvasMeasure(family: string): Measure {
  const context = document.createElement("canvas").getContext("2d");
  const known = new Map<string, number>();
  return (text, size, weight) => {
    const key = `${weight} ${size} ${text}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    if (!context) return text.length * size * 0.56;
    context.font = `${weight} ${size}px ${family}`;
    const width = context.measureText(text).width;
    known.set(key, width);
    return width;
  };
}
