import { isPlaceholder } from './placeholder.ts';

/** A box that holds an answer: where it stands, and what is in it. */
export interface Box {
  readonly start: number;
  readonly end: number;
  readonly inner: string;
}

const boxCommand = /\\f?box(?:ed)?\b\s*/g;

/** What TeX would box without braces, where it can't be the beginning of a sentence that talks about boxes: `\boxed 7`, `\boxed x$`. */
const bareToken = /^(?:\d[\d.]*|[A-Za-z](?=\s*(?:$|[$.,;)\]}]|\\[)\]])))/;

/** Every outermost box of a text, in order, those that hold no answer included. One that never closes is none: it may be talked about, or cut off. */
function* boxesIn(text: string): Generator<Box> {
  const closes = closing(text);
  boxCommand.lastIndex = 0;
  for (let match = boxCommand.exec(text); match !== null; match = boxCommand.exec(text)) {
    const open = match.index + match[0].length;
    if (text[open] !== '{') {
      const token = bareToken.exec(text.slice(open, open + 40));
      if (token !== null) yield { start: match.index, end: open + token[0].length, inner: token[0] };
      continue;
    }
    const close = closes.get(open);
    if (close === undefined) continue;
    yield { start: match.index, end: close + 1, inner: unboxed(text.slice(open + 1, close)) };
    boxCommand.lastIndex = close + 1;
  }
}

/** The boxes that hold an answer; a box that stands for one (`\boxed{}`, `\boxed{...}`, `\boxed{\text{answer}}`) says how to write, not what. */
export function boxes(text: string): readonly Box[] {
  return [...boxesIn(text)].filter(({ inner }) => !isPlaceholder(inner));
}

/** The text without the boxes that only stand for an answer: they are not even a text of their own. */
export function withoutEmptyBoxes(text: string): string {
  let rest = '';
  let from = 0;
  for (const { start, end, inner } of boxesIn(text)) {
    if (!isPlaceholder(inner)) continue;
    rest += `${text.slice(from, start)} `;
    from = end;
  }
  return rest + text.slice(from);
}

/** The brace that closes each one that is closed, in one pass. */
function closing(text: string): ReadonlyMap<number, number> {
  const closes = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 92) i++;
    else if (c === 123) open.push(i);
    else if (c === 125 && open.length > 0) closes.set(open.pop()!, i);
  }
  return closes;
}

function unboxed(inner: string): string {
  let text = inner.trim();
  for (let depth = 0; depth < 4; depth++) {
    const match = /^\\f?box(?:ed)?\{/.exec(text);
    if (match === null || closing(text).get(match[0].length - 1) !== text.length - 1) return text;
    text = text.slice(match[0].length, -1).trim();
  }
  return text;
}

/** Most boxes that are joined to one answer. */
const mostBoxes = 40;

const gapWords = /[a-z]+/gi;
const joining = new Set([
  'and',
  'or',
  'text',
  'quad',
  'qquad',
  'for',
  'part',
  'a',
  'b',
  'c',
  'i',
  'ii',
  'iii',
  'x',
  'y',
  'z',
  'mbox',
  'mathrm',
  'respectively',
]);

/** Do two boxes belong to one answer? Only punctuation or a conjunction stands between them. */
function together(gap: string): boolean {
  if (gap.length > 60) return false;
  if (!/[A-Za-z]/.test(gap)) return !/[=\n]\s*\n/.test(gap);
  const words = gap.match(gapWords) ?? [];
  return (
    words.every((word) => joining.has(word.toLowerCase())) &&
    (words.some((word) => /^(?:and|or)$/i.test(word)) || /,/.test(gap) || words.every((w) => w.endsWith('quad'))) &&
    words.filter((word) => /^(?:and|or)$/i.test(word)).length <= 1
  );
}

/**
 * The last box, together with those before it that belong to the same answer: a question with two answers has them in two
 * boxes as often as in one. A percent sign behind a box belongs to a number in it; nobody writes one after another answer.
 */
export function boxedAnswer(found: readonly Box[], text: string, joined: boolean): string | undefined {
  const last = found.at(-1);
  if (last === undefined) return undefined;
  const parts = [last.inner];
  for (let i = found.length - 1; joined && i > 0 && parts.length < mostBoxes; i--) {
    if (!together(text.slice(found[i - 1]!.end, found[i]!.start))) break;
    parts.unshift(found[i - 1]!.inner);
  }
  const distinct = parts.filter((part, i) => parts.indexOf(part) === i);
  const percent =
    /^\s*(?:\\?%|percent|pct)/.test(text.slice(last.end, last.end + 20).replace(/^[$\s]+/, '')) &&
    distinct.length === 1 &&
    /^[\d.]+$/.test(last.inner);
  return percent ? `${last.inner}\\%` : distinct.join(', ');
}
