// A text as the picture that cameras read (ISO/IEC 18004), as one path of unit squares.
import encode from "qr";

/** Light squares around it, as the standard asks. */
const QUIET = 4;

export interface Picture {
  /** Squares on a side, the quiet ones included. */
  size: number;
  /** The dark squares as a path of SVG, one rectangle for each run. */
  path: string;
}

export function pictureOf(text: string): Picture {
  const rows = encode(text, "raw", { ecc: "low", border: QUIET });
  const runs: string[] = [];
  rows.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      const start = x;
      while (row[x]) x += 1;
      if (x > start) runs.push(`M${start} ${y}h${x - start}v1h${start - x}z`);
      else x += 1;
    }
  });
  return { size: rows.length, path: runs.join("") };
}
