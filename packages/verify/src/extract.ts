import type { VerifyOptions } from './options.ts';

/** Patterns here are linear: no quantifier is nested and none can overlap with what follows it over more than one line. */

/** What the truth looks like, when the caller knows: a letter to choose is looked for in another way than mathematics. */
export type AnswerKind = 'choice' | 'mathematics';

/** Options of `extractAnswer`. */
export interface ExtractOptions extends Pick<VerifyOptions, 'boxes'> {
  readonly kind?: AnswerKind;
}

/** An answer stands at the end: of a longer response only this many characters at its end are searched. */
export const longestResponse: number = 60_000;

interface Box {
  readonly start: number;
  readonly end: number;
  readonly inner: string;
}

const boxCommand = /\\f?box(?:ed)?\b\s*/g;

/** Every outermost box of a text, in order. One that never closes ends the search; `\boxed 7` takes the next token. */
function boxes(text: string): readonly Box[] {
  const found: Box[] = [];
  boxCommand.lastIndex = 0;
  for (let match = boxCommand.exec(text); match !== null; match = boxCommand.exec(text)) {
    const open = match.index + match[0].length;
    if (text[open] !== '{') {
      const token = /^(?:\d[\d.]*|[A-Za-z])/.exec(text.slice(open, open + 40));
      if (token !== null) found.push({ start: match.index, end: open + token[0].length, inner: token[0] });
      continue;
    }
    const close = closing(text, open);
    if (close < 0) break;
    found.push({ start: match.index, end: close + 1, inner: unboxed(text.slice(open + 1, close)) });
    boxCommand.lastIndex = close + 1;
  }
  return found;
}

/** The brace that closes the one at `open`, or −1. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 92) i++;
    else if (c === 123) depth++;
    else if (c === 125 && --depth === 0) return i;
  }
  return -1;
}

function unboxed(inner: string): string {
  let text = inner.trim();
  for (let depth = 0; depth < 4; depth++) {
    const match = /^\\f?box(?:ed)?\{/.exec(text);
    if (match === null || closing(text, match[0].length - 1) !== text.length - 1) return text;
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

/** The last box, together with those before it that belong to the same answer. */
function boxedAnswer(found: readonly Box[], text: string, joined: boolean): string | undefined {
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

const strong = /####|\bfinal answer\b\s*(?:is\b)?\s*:?|<answer>|^A:|^Answer\s*:/gim;
const weak =
  /\b(?:answers?|results?|solutions?)\s*(?:is|are)\b\s*:?|\bfinal (?:result|value)\s*:|\banswer\s*:|答案\s*(?:是|为)?\s*[:：]?|réponse\s*(?:est)?\s*:?|respuesta\s*(?:es)?\s*:?|antwort\s*(?:ist)?\s*:?|ответ\s*:?|उत्तर\s*:?|الجواب\s*:?/gi;

/** Where the last match of a pattern ends, or −1. */
function lastEnd(text: string, pattern: RegExp): number {
  let end = -1;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}

/** The part of a response that is its answer's side: after the reasoning block, before another turn begins. */
function finalPart(response: string): string {
  const tail = response.length > longestResponse ? response.slice(-longestResponse) : response;
  const turn = tail.search(/<\|(?:im_start|im_end|endoftext|eot_id|user)\|>/);
  const own = turn > 0 ? tail.slice(0, turn) : tail;
  const think = own.lastIndexOf('</think>');
  const after = think < 0 ? own : own.slice(think + 8);
  return after.trim() === '' ? own : after;
}

const untag = (text: string): string => {
  const close = text.search(/<\/[a-z]+>/i);
  return (close < 0 ? text : text.slice(0, close)).trim();
};

/** The first line that says something. */
function firstLine(text: string): string {
  const trimmed = text.replace(/^[\s*:_]+/, '');
  const display = /^(?:\\\[|\$\$)/.test(trimmed);
  const end = display ? -1 : trimmed.indexOf('\n');
  return (end < 0 ? trimmed.slice(0, 3000) : trimmed.slice(0, end)).trim();
}

const number =
  /(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+,\d+(?![\d,])|\d+(?:\.\d+)?|\.\d+)(?:\s?\/\s?\d+)?(?![A-Za-z]*\d)/g;

/** Cuts a closing remark off a sentence that holds an answer, and the words before the answer. */
function fromSentence(sentence: string): string {
  let text = untag(sentence)
    .replace(/\*\*|__/g, ' ')
    .trim();
  const stop = text.search(/[.。!](?:\s+(?=[A-Z"'(\\$])|\s*$)/);
  if (stop > 0) text = text.slice(0, stop);
  const quoted = /^\\?["'](.*)\\?["']$/.exec(text.trim());
  if (quoted !== null) text = quoted[1]!;
  const copula = [...text.matchAll(/(?:^|[\s$)])(?:is|are|equals|be|was|est|es|ist|为|是)[:\s]\s*/gi)].at(-1);
  if (copula !== undefined) {
    const tail = text.slice(copula.index + copula[0].length).trim();
    if (/[\d\\$]|^[A-Za-z+\-(]{1,12}$/.test(tail)) text = tail;
  }
  return text
    .replace(/\s+/g, ' ')
    .replace(/[.,;:]+$/, '')
    .trim();
}

/** What a sentence says that something is, when that is short: "It is Tuesday." */
export function toldTail(text: string): string | undefined {
  const sentences = text
    .slice(-300)
    .split(/[.!?]\s|\n/)
    .filter((part) => part.trim() !== '');
  const last = (sentences.at(-1) ?? '').trim().replace(/[.!]+$/, '');
  const tail = /(?:^|\s)(?:is|are|was|equals)\s+([^\n]{1,60})$/.exec(last)?.[1];
  return tail !== undefined && tail.split(/\s+/).length <= 4 ? tail : undefined;
}

/** Plain words: not in mathematics, not commands. */
export function proseWords(text: string): number {
  const plain = text
    .slice(0, 4000)
    .replace(/\$[^$]{0,400}\$|\\\([^)]{0,400}\\\)|\\(?:text|mbox|mathrm)\s?\{[^{}]{0,200}\}|\\[A-Za-z]+/g, ' ');
  const words = plain.match(/(?<![A-Za-z])[A-Za-z]{2,}/g)?.length ?? 0;
  return words + (/[\u0900-\u0dff\u0600-\u06ff\u3040-\u9fff\uac00-\ud7af]{2}/.test(plain) ? 5 : 0);
}

const reasoning = /\b(?:is|are|so|therefore|thus|hence|we|have|because|find|gives?|total|think)\b/i;
/** A sentence rather than an answer. */
export const isProse = (whole: string): boolean => {
  const text = whole.length > 4000 ? whole.slice(0, 4000) : whole;
  const words = proseWords(text);
  return (
    words >= 3 ||
    (words >= 2 && reasoning.test(text)) ||
    (/\n/.test(text.trim()) && words >= 2) ||
    /^\w+ ?: .*\.\.$/.test(text)
  );
};

/** The last stretch of mathematics between delimiters, if nothing but words follows it. */
function lastMath(text: string): string | undefined {
  const plain = text.replace(/\\\$/g, '  ');
  let best: string | undefined;
  let end = -1;
  for (const match of plain.matchAll(
    /\$\$([^$]+)\$\$|\$([^$]+)\$|\\\[([\s\S]{1,2000}?)\\\]|\\\(([\s\S]{1,2000}?)\\\)/g,
  )) {
    const inner = match[1] ?? match[2] ?? match[3] ?? match[4]!;
    if (/^\s*[A-Za-z]\s*$/.test(inner) && best !== undefined) continue;
    best = inner;
    end = match.index + match[0].length;
  }
  if (best === undefined) return undefined;
  const after = plain.slice(end);
  const later = [...after.slice(0, 2000).matchAll(number)].at(-1);
  if (later !== undefined) return later[0];
  const percent = /^\s*(?:\\?%|percent|pct)/.test(after);
  return percent ? `${best.trim()}\\%` : best.trim();
}

/** The last bold stretch that is an answer and not a heading. */
function lastBold(text: string): string | undefined {
  let found: string | undefined;
  for (const match of text.matchAll(/(?<![\w)}])\*\*([^*\n]{1,400})\*\*(?![\w({])/g)) {
    const inner = match[1]!.trim();
    if (
      !inner.endsWith(':') &&
      (/[\d\\$(]/.test(inner) || inner.length <= 3) &&
      !isProse(inner) &&
      !/^(?:step|part|case|note)\b/i.test(inner)
    )
      found = inner;
  }
  return found;
}

function lastNumber(text: string): string | undefined {
  const fragment = [...text.matchAll(/\(?\\frac\{[^{}]{1,60}\}\{[^{}]{1,60}\}\)?/g)].at(-1);
  const found = [...text.matchAll(number)].at(-1);
  if (fragment !== undefined && (found === undefined || fragment.index + fragment[0].length >= found.index))
    return fragment[0];
  if (found === undefined) return undefined;
  const percent = /^\s?(?:\\?%|percent)/.test(text.slice(found.index + found[0].length));
  return percent ? `${found[0]}%` : found[0];
}

const letterAfter =
  /(?:answers?|choice|option|réponse|respuesta|antwort|答案)\s*(?:is|are|est|es|ist|是|为)?\s*[:：]?\s*\**\(?\s*([A-Z])\b/gi;

/** The letter a response chooses. */
export function extractChoice(response: string): string | undefined {
  const text = finalPart(response);
  const found = boxes(text)
    .at(-1)
    ?.inner.replace(/\\(?:text|mathrm|textbf|mathbf)\s*|[{}().\s]/g, '');
  if (found !== undefined && /^[A-Z]$/.test(found)) return found;
  const told = [...text.matchAll(letterAfter)].filter((match) => match[1] === match[1]!.toUpperCase()).at(-1);
  if (told !== undefined) return told[1];
  const right = [
    ...text.matchAll(/(?<![\w'])\(?([A-Z])\)?\s+(?:is|must be)\s+(?:the\s+)?(?:right|correct|true|answer)/g),
  ].at(-1);
  if (right !== undefined) return right[1];
  const lead = /^\s*\(?([A-Z])(?:[).:]|\s+(?=[A-Z(])|\s*$)/.exec(text);
  if (lead !== null) return lead[1];
  const alone = [...text.matchAll(/(?<![\w'])\(?([A-Z])\)?(?![\w'])/g)].filter((match) => {
    const before = text.slice(Math.max(0, match.index - 8), match.index);
    if (/\b(?:not|non|n't|nicht)\s*\(?$/i.test(before)) return false;
    return !(match[1] === 'I' || (match[1] === 'A' && /^\)?\s+[a-z]/.test(text.slice(match.index + match[0].length))));
  });
  return alone.at(-1)?.[1];
}

/**
 * The final answer of a response as it stands there, or undefined when there is none. What is looked for, in this order: after the last
 * `####`, "Final Answer", `<answer>` or line `A:` (unless a box comes later); the last `\boxed{…}`, joined with boxes that a conjunction
 * links to it; after "the answer is"; the last bold or delimited mathematics; the last number. A text that is no prose is its own answer.
 *
 * @example
 * ```ts
 * import { extractAnswer } from '@svo/verify';
 * extractAnswer('2 + 2 = 4\n\nFinal Answer: 4'); // => '4'
 * extractAnswer('so x is \\boxed{2} or \\boxed{3}.'); // => '2, 3'
 * extractAnswer('There are 3 cats and 4 dogs, 7 animals in all.'); // => '7'
 * ```
 */
export function extractAnswer(response: string, options: ExtractOptions = {}): string | undefined {
  if (options.kind === 'choice') return extractChoice(response);
  const text = finalPart(response);
  const found = boxes(text);
  const marker = lastEnd(text, strong);
  if (marker >= 0 && (found.length === 0 || marker > found.at(-1)!.start)) {
    const tail = firstLine(untag(text.slice(marker)));
    if (/\w/.test(tail))
      return isProse(tail) || /\*\*|"/.test(tail) || /[.!]\s/.test(tail) ? fromProse(tail) : tail.replace(/\.$/, '');
  }
  if (found.length > 0) return boxedAnswer(found, text, options.boxes !== 'last') || undefined;
  const told = lastEnd(text, weak);
  if (told >= 0) {
    const tail = firstLine(text.slice(told));
    if (tail !== '') return fromProse(tail);
  }
  if (!isProse(text)) return lastBold(text) ?? (text.trim() || undefined);
  return lastBold(text) ?? lastMath(text) ?? lastNumber(text) ?? toldTail(text);
}

function fromProse(tail: string): string | undefined {
  const sentence = fromSentence(tail);
  if (!isProse(sentence)) return sentence || undefined;
  return lastMath(sentence) ?? lastNumber(sentence) ?? (sentence || undefined);
}
