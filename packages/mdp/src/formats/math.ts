import type { Span } from './span.ts';

const ENVIRONMENTS =
  'displaymath|equation|align|aligned|alignat|alignedat|gather|gathered|multline|flalign|eqnarray|split|cases|array|matrix|[pbBvV]matrix|smallmatrix|subequations|math';

// Escapes come first, so that `\\[2pt]` (a LaTeX line break) and `\$$` are not taken for openers.
const TOKEN = new RegExp(
  String.raw`\\\\|\\\$|\$\$|\\\[|\\begin\{((?:${ENVIRONMENTS})\*?)\}|\\end\{((?:${ENVIRONMENTS})\*?)\}|${'`'}{3,}|~{3,}`,
  'g',
);

/** For each `\begin{x}` the end of its own `\end{x}`; an unmatched one has no entry. */
const matchEnvironments = (text: string): Map<number, number> => {
  const open = new Map<string, number[]>();
  const ends = new Map<number, number>();
  if (!text.includes('\\begin{')) return ends;
  for (const token of text.matchAll(TOKEN)) {
    const [all, begin, end] = token;
    if (begin !== undefined) {
      const starts = open.get(begin);
      if (starts === undefined) open.set(begin, [token.index]);
      else starts.push(token.index);
    } else if (end !== undefined) {
      const start = open.get(end)?.pop();
      if (start !== undefined) ends.set(start, token.index + all.length);
    }
  }
  return ends;
};

/** The end of the first unescaped `closer` at or after `from`; −1 when there is none. */
const endOf = (text: string, closer: string, from: number): number => {
  for (let at = text.indexOf(closer, from); at !== -1; at = text.indexOf(closer, at + 1)) {
    let slashes = 0;
    while (at - slashes - 1 >= from && text[at - slashes - 1] === '\\') slashes++;
    if (slashes % 2 === 0) return at + closer.length;
  }
  return -1;
};

const CLOSERS: Readonly<Record<string, string>> = { $$: '$$', '\\[': '\\]' };

/**
 * Display math (`$$ … $$`, `\[ … \]`, display environments) and code in three backticks or tildes within a text that has no
 * fence of its own. An opener without its closer is plain text: a stray `$$` must not swallow the rest. One pass, and a
 * closer once missed is not looked for again, so the time is linear whatever the text.
 */
export const mathSpans = (text: string): Span[] => {
  const environments = matchEnvironments(text);
  const missing = new Set<string>();
  const spans: Span[] = [];
  const scanner = new RegExp(TOKEN);
  for (let token = scanner.exec(text); token !== null; token = scanner.exec(text)) {
    const [all, begin, environmentEnd] = token;
    if (environmentEnd !== undefined || all === '\\\\' || all === '\\$') continue;
    const closer = CLOSERS[all] ?? all;
    let end = -1;
    if (begin !== undefined) end = environments.get(token.index) ?? -1;
    else if (!missing.has(closer)) {
      end = endOf(text, closer, token.index + all.length);
      if (end === -1) missing.add(closer);
    }
    if (end === -1) continue;
    spans.push([token.index, end]);
    scanner.lastIndex = end;
  }
  return spans;
};

/** Whether a text may hold any of them at all; most don't, and then there is nothing to scan. */
export const mayHoldMath = (text: string): boolean =>
  text.includes('$$') ||
  text.includes('\\[') ||
  text.includes('\\begin{') ||
  text.includes('```') ||
  text.includes('~~~');
