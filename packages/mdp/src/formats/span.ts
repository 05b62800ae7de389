/** A stretch of text, [start, end), in UTF-16 code units. */
export type Span = readonly [start: number, end: number];

/** The union of spans, ascending and without overlap. */
export const union = (spans: readonly Span[]): Span[] => {
  const merged: [number, number][] = [];
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
};

/** Stretches from an opening string to the first closing string after it, [open, close]; one that isn't closed is none. */
export const enclosed = (text: string, [open, close]: readonly [string, string]): Span[] => {
  const spans: Span[] = [];
  for (let start = text.indexOf(open); start !== -1; ) {
    const end = text.indexOf(close, start + open.length);
    if (end === -1) break;
    spans.push([start, end + close.length]);
    start = text.indexOf(open, end + close.length);
  }
  return spans;
};
