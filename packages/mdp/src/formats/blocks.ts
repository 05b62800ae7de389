import { fenceSpans } from './fences.ts';
import { mathSpans, mayHoldMath } from './math.ts';
import { enclosed, type Span, union } from './span.ts';

/** Math between the fences: the structure of lines comes first, so that `$$` in a shell script opens nothing. */
const between = (text: string, fences: readonly Span[]): Span[] => {
  const spans: Span[] = [];
  let from = 0;
  for (const [start, end] of [...fences, [text.length, text.length] as const]) {
    for (const [open, close] of mathSpans(text.slice(from, start))) spans.push([from + open, from + close]);
    if (end > start) spans.push([start, end]);
    from = end;
  }
  return spans;
};

/** Where a text must not be cut: code fences, display math, and what stands between the pairs of `whole`. Ascending, disjoint. */
export const protectedSpans = (text: string, whole: readonly (readonly [string, string])[] = []): Span[] => {
  const blocks = mayHoldMath(text) ? between(text, fenceSpans(text)) : [];
  const others = whole.flatMap((pair) => enclosed(text, pair));
  return others.length === 0 ? blocks : union([...blocks, ...others]);
};

/** Where to cut: after each match of `after`, before each match of `before`; both are global expressions. */
export interface Cuts {
  readonly after?: RegExp | undefined;
  readonly before?: RegExp | undefined;
}

/** The places to cut, ascending, except where the delimiter reaches into a protected span. */
export const cutsOutside = (text: string, { after, before }: Cuts, spans: readonly Span[]): number[] => {
  const cuts: number[] = [];
  const collect = (delimiter: RegExp, cutOf: (start: number, end: number) => number): void => {
    let next = 0;
    for (const match of text.matchAll(delimiter)) {
      const start = match.index;
      const end = start + match[0].length;
      while (next < spans.length && spans[next]![1] <= start) next++;
      if (next === spans.length || spans[next]![0] >= end) cuts.push(cutOf(start, end));
    }
  };
  if (after) collect(after, (_, end) => end);
  if (before) collect(before, (start) => start);
  return after && before ? cuts.sort((a, b) => a - b) : cuts;
};
