/**
 * Where a text must not be cut: display math (`$$ … $$`, `\[ … \]`, display environments) and code fences. Linear in the
 * length of the text, whatever it holds.
 */

/** A stretch of text, [start, end). */
export type Span = readonly [start: number, end: number];

const ENVIRONMENTS =
  'displaymath|equation|align|aligned|alignat|alignedat|gather|gathered|multline|flalign|eqnarray|split|cases|array|matrix|[pbBvV]matrix|smallmatrix|subequations|math';

// Escapes come first, so that `\\[2pt]` (a LaTeX line break) and `\$$` are not taken for openers.
const TOKEN = new RegExp(
  String.raw`\\\\|\\\$|\$\$|\\\[|\\begin\{((?:${ENVIRONMENTS})\*?)\}|\\end\{((?:${ENVIRONMENTS})\*?)\}|(${'`'}{3,}|~{3,})`,
  'g',
);

/** For each `\begin{x}` the end of its own `\end{x}`; an unmatched one has no entry. */
const matchEnvironments = (text: string): Map<number, number> => {
  const open = new Map<string, number[]>();
  const ends = new Map<number, number>();
  for (const token of text.matchAll(TOKEN)) {
    const [all, begin, end] = token;
    if (begin !== undefined) open.set(begin, [...(open.get(begin) ?? []), token.index]);
    else if (end !== undefined) {
      const start = open.get(end)?.pop();
      if (start !== undefined) ends.set(start, token.index + all.length);
    }
  }
  return ends;
};

/** The first unescaped `closer` at or after `from`, its end; −1 when there is none. */
const endOf = (text: string, closer: string, from: number): number => {
  for (let at = text.indexOf(closer, from); at !== -1; at = text.indexOf(closer, at + 1)) {
    let slashes = 0;
    while (at - slashes - 1 >= from && text[at - slashes - 1] === '\\') slashes++;
    if (slashes % 2 === 0) return at + closer.length;
  }
  return -1;
};

/** At most three spaces between the start of a line and `at`; looks back four places, not over a whole line. */
const isLineStart = (text: string, at: number): boolean => {
  let start = at;
  while (start > 0 && at - start < 3 && text[start - 1] === ' ') start--;
  return start === 0 || text[start - 1] === '\n';
};

/** The end of the line that closes a fence: the same sign, at least as often, and nothing after it (CommonMark 4.5). */
const fenceEnd = (text: string, fence: string, from: number): number => {
  const closer = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*\\r?$`, 'gm');
  closer.lastIndex = from;
  const found = closer.exec(text);
  return found === null ? -1 : found.index + found[0].length;
};

/**
 * The spans of `text` that are display math or code fences, in order and without overlap. An opener of math without its
 * closer is plain text (a stray `$$` must not swallow the rest); a fence at the start of a line that is never closed runs
 * to the end, as in CommonMark; one inside a line needs its closer.
 */
export function protectedSpans(text: string): Span[] {
  if (
    !(
      text.includes('$$') ||
      text.includes('\\[') ||
      text.includes('\\begin{') ||
      text.includes('```') ||
      text.includes('~~~')
    )
  )
    return [];
  const environments = text.includes('\\begin{') ? matchEnvironments(text) : new Map<number, number>();
  const hopeless = new Set<string>();
  const seek = (kind: string, find: () => number): number => {
    if (hopeless.has(kind)) return -1;
    const end = find();
    if (end === -1) hopeless.add(kind);
    return end;
  };
  const spans: Span[] = [];
  const scanner = new RegExp(TOKEN);
  for (let token = scanner.exec(text); token !== null; token = scanner.exec(text)) {
    const [all, begin, , fence] = token;
    const start = token.index;
    const after = start + all.length;
    let end = -1;
    if (all === '$$') end = seek('$$', () => endOf(text, '$$', after));
    else if (all === '\\[') end = seek('\\[', () => endOf(text, '\\]', after));
    else if (begin !== undefined) end = environments.get(start) ?? -1;
    else if (fence !== undefined && isLineStart(text, start)) {
      end = fenceEnd(text, fence, after);
      if (end === -1) end = text.length;
    } else if (fence !== undefined) end = seek(fence, () => endOf(text, fence, after));
    if (end === -1) continue;
    spans.push([start, end]);
    scanner.lastIndex = end;
  }
  return spans;
}

/** The ends of `delimiter`'s matches (a global expression) that don't touch the inside of a protected span. */
export const endsOutside = (text: string, delimiter: RegExp, spans: readonly Span[]): number[] => {
  const ends: number[] = [];
  let next = 0;
  for (const match of text.matchAll(delimiter)) {
    const end = match.index + match[0].length;
    while (next < spans.length && spans[next]![1] <= match.index) next++;
    if (next < spans.length && spans[next]![0] < end) continue;
    ends.push(end);
  }
  return ends;
};
