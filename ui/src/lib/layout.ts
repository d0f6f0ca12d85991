// Where blocks and bars stand when they share a day. Pure and order-free: the same set of blocks
// gives the same picture however it arrives. No pixels here; geometry.ts turns spans into them.

/** What packing needs to know of a timed block; minutes of the day, half-open. */
export interface Span {
  id: string;
  start: number;
  end: number;
  /** Rank of the block's calendar, the third key of the order. */
  order: number;
}

/** A place in a cluster: `span` columns wide from `column`, of `columns`. */
export interface Place {
  id: string;
  column: number;
  span: number;
  columns: number;
  /** Whether the cluster keeps a band free for its "+N". */
  crowded: boolean;
}

/** Blocks that did not fit beside the others, and when the first of them starts. */
export interface More {
  start: number;
  end: number;
  ids: string[];
}

export interface Packing {
  places: Place[];
  more: More[];
}

export interface PackOptions {
  /** Columns a cluster may show; the rest goes into "+N". */
  columnsMax: number;
  /** What a short block occupies at least, so that nothing is drawn over its text. */
  minutesMin: number;
}

interface Laid extends Span {
  until: number;
  column: number;
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function compareSpans(a: Span, b: Span): number {
  return a.start - b.start || b.end - a.end || a.order - b.order || compareText(a.id, b.id);
}

/** First free column for each block, then each grows right until a block is in its way. */
export function pack(spans: readonly Span[], options: PackOptions): Packing {
  const sorted = spans.map((span) => laid(span, options.minutesMin)).sort(compareSpans);
  const packing: Packing = { places: [], more: [] };
  let cluster: Laid[] = [];
  let clusterEnd = -Infinity;
  for (const block of sorted) {
    if (block.start >= clusterEnd && cluster.length > 0) {
      placeCluster(cluster, options.columnsMax, packing);
      cluster = [];
    }
    cluster.push(block);
    clusterEnd = cluster.length === 1 ? block.until : Math.max(clusterEnd, block.until);
  }
  if (cluster.length > 0) placeCluster(cluster, options.columnsMax, packing);
  return packing;
}

function laid(span: Span, minutesMin: number): Laid {
  return { ...span, until: Math.max(span.end, span.start + minutesMin), column: 0 };
}

function placeCluster(cluster: Laid[], columnsMax: number, into: Packing): void {
  const columnEnds: number[] = [];
  for (const block of cluster) {
    const free = columnEnds.findIndex((end) => end <= block.start);
    block.column = free === -1 ? columnEnds.length : free;
    columnEnds[block.column] = block.until;
  }
  const columns = Math.min(columnEnds.length, columnsMax);
  const shown = cluster.filter((block) => block.column < columns);
  const crowded = shown.length < cluster.length;
  const byColumn: Laid[][] = Array.from({ length: columns }, () => []);
  for (const block of shown) byColumn[block.column]?.push(block);
  for (const block of shown) {
    let last = block.column + 1;
    while (last < columns && isFree(byColumn[last] ?? [], block)) last += 1;
    into.places.push({
      id: block.id,
      column: block.column,
      span: last - block.column,
      columns,
      crowded,
    });
  }
  if (crowded) into.more.push(...gather(cluster.filter((block) => block.column >= columns)));
}

function isFree(column: readonly Laid[], block: Laid): boolean {
  return column.every((other) => other.until <= block.start || other.start >= block.until);
}

/** One "+N" for each run of hidden blocks that touch. */
function gather(hidden: readonly Laid[]): More[] {
  const groups: More[] = [];
  for (const block of hidden) {
    const last = groups.at(-1);
    if (last && block.start < last.end) {
      last.ids.push(block.id);
      last.end = Math.max(last.end, block.until);
    } else {
      groups.push({ start: block.start, end: block.until, ids: [block.id] });
    }
  }
  return groups;
}

/** What rows of days need to know of a bar; `last` is inclusive. */
export interface Bar {
  id: string;
  first: number;
  last: number;
  /** Minute of what has a time of day: it comes after all that has none. */
  minute?: number;
}

export interface Lanes {
  /** Row of each bar that is shown. */
  rows: Map<string, number>;
  /** Rows in use, "+N more" included. */
  height: number;
  /** For each day that hides bars: how many, on the last row. */
  more: Map<number, number>;
}

function compareBars(a: Bar, b: Bar): number {
  return (
    Number(a.minute !== undefined) - Number(b.minute !== undefined) ||
    a.first - b.first ||
    (a.minute ?? 0) - (b.minute ?? 0) ||
    b.last - a.last ||
    compareText(a.id, b.id)
  );
}

/** First free row for each bar; beyond `rowsMax` rows the last row says how many are hidden. */
export function packLanes(bars: readonly Bar[], days: number, rowsMax: number): Lanes {
  const sorted = [...bars].sort(compareBars);
  const taken: Set<number>[] = [];
  const rowOf = new Map<string, number>();
  for (const bar of sorted) {
    const free = taken.findIndex((row) => !touches(bar, row));
    const row = free === -1 ? taken.length : free;
    const held = (taken[row] ??= new Set());
    eachDay(bar, days, (day) => held.add(day));
    rowOf.set(bar.id, row);
  }
  if (taken.length <= rowsMax) return { rows: rowOf, height: taken.length, more: new Map() };

  const lastRow = rowsMax - 1;
  const full = new Set<number>();
  for (const bar of sorted) {
    if ((rowOf.get(bar.id) ?? 0) > lastRow) eachDay(bar, days, (day) => full.add(day));
  }
  const more = new Map<number, number>();
  for (const bar of sorted) {
    const row = rowOf.get(bar.id) ?? 0;
    if (row < lastRow || (row === lastRow && !touches(bar, full))) continue;
    rowOf.delete(bar.id);
    eachDay(bar, days, (day) => more.set(day, (more.get(day) ?? 0) + 1));
  }
  return { rows: rowOf, height: rowsMax, more };
}

/** The first row that is free on all of these days, given what is shown. */
export function freeRow(bars: readonly Bar[], rows: Lanes["rows"], first: number, last: number) {
  const taken = bars
    .filter((bar) => bar.first <= last && bar.last >= first)
    .map((bar) => rows.get(bar.id));
  let row = 0;
  while (taken.includes(row)) row += 1;
  return row;
}

function eachDay(bar: Bar, days: number, visit: (day: number) => void): void {
  for (let day = Math.max(0, bar.first); day <= Math.min(days - 1, bar.last); day += 1) visit(day);
}

function touches(bar: Bar, days: ReadonlySet<number>): boolean {
  for (let day = bar.first; day <= bar.last; day += 1) if (days.has(day)) return true;
  return false;
}
