import { type Match, no, unknown, yes } from '../comparing/match.ts';
import { table } from '../table.ts';

const articles = new Set('the a an of to is are be it that there this will'.split(' '));
const negations = new Set('no not never none neither nor cannot without non'.split(' '));
const synonyms: Readonly<Record<string, string>> = table({
  true: 'yes',
  false: 'no',
  y: 'yes',
  n: 'no',
  correct: 'yes',
  incorrect: 'no',
  infinite: 'infinity',
  infty: 'infinity',
  '∞': 'infinity',
  '&': 'and',
  percent: '%',
  dollars: 'dollar',
});

/** The words of a text without LaTeX, punctuation and articles. */
export function textWords(text: string): readonly string[] {
  return text
    .slice(0, 4000)
    .replace(/\\(?:text|mbox|textbf|mathrm|textit|mathbf|operatorname)\s*/g, ' ')
    .replace(/[\\{}$.,;:!?"'`*()[\]~|-]+/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && !articles.has(word) && word !== 'The')
    .map((word) => word.toLowerCase())
    .map((word) => synonyms[word] ?? word);
}

const joined = (words: readonly string[]): string => words.filter((word) => word !== 'and').join(' ');

/** Language: letters, digits and the punctuation of sentences, wrapped in text groups or not. Anything else is notation. */
const inWords = (text: string): boolean =>
  /^(?:[\p{L}\p{M}\d\s,.;:'’"!?&{}$°%-]|\([A-Za-z]\))*$/u.test(text.slice(0, 4000).replace(wrappers, ' ')) &&
  /\p{L}{2}|^\W*\p{L}\W*$/u.test(text);
const textual = (text: string): boolean => /[A-Za-z]{3}\s+[A-Za-z]{2}/.test(text);
const wrappers = /\\(?:text|mbox|mathrm|textbf|textit|mathbf|operatorname)\b\s*|\\(?:quad|qquad|[,;! ])/g;

/** Notation that couldn't be read, without what only sets it: equal to the letter or not at all. */
const compact = (text: string): string =>
  text
    .slice(0, 6000)
    .replace(wrappers, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\\left|\\right|\\(?:displaystyle|limits)|[\s$]/g, '')
    .replace(/\\leqslant|\\leq/g, '\\le')
    .replace(/\\geqslant|\\geq/g, '\\ge')
    .replace(/\{([A-Za-z0-9])\}/g, '$1');

/** Does `inner` occur in `outer` as a run of whole words? */
function contains(outer: readonly string[], inner: readonly string[]): boolean {
  for (let i = 0; i + inner.length <= outer.length; i++) {
    if (inner.every((word, j) => outer[i + j] === word)) return true;
  }
  return false;
}

/** A command that is no text wrapper: the words are bits of mathematics, not language. */
const command = /\\(?!text|mbox|mathrm|textbf|textit|mathbf)[A-Za-z]/;
/** Ways to say that there is no answer, as `textWords` leaves them. */
export const nothing: RegExp =
  /^no(?: real| integer| such)? (?:solutions?|values?|numbers?|roots?|integers?)(?: exists?)?$|^no .{0,40}exists?$|^none$|^empty set$|^does not exist$/;
const infinite = /^(?:infinitely many(?: \w+)?|infinity|infinite(?: \w+)?)$/;

/**
 * Texts: the same words but for articles, punctuation and case; or an answer in a few words that the truth's sentence holds, with the
 * same negations. What is neither may still mean the same, so two longer texts that differ stay undecided.
 */
export function sameText(gold: string, prediction: string): Match {
  const [g, p] = [textWords(gold), textWords(prediction)];
  if (g.length === 0 || p.length === 0) return unknown('text');
  const [a, b] = [joined(g), joined(p)];
  if (!inWords(prediction))
    return compact(gold) === compact(prediction) ? yes('text') : textual(gold) ? unknown('text') : no('text');
  if (a === b && inWords(gold)) return yes('text');
  if (inWords(gold) && sameItems(gold, prediction)) return yes('list of words');
  if (tailAfterCopula(prediction) === a) return yes('text');
  if ((infinite.test(a) && infinite.test(b)) || (nothing.test(a) && nothing.test(b))) return yes('text');
  if (
    !command.test(prediction) &&
    !/[_=<>"`;#]/.test(gold) &&
    p.length <= 4 &&
    g.length >= 2 &&
    g.length > p.length &&
    sameNegations(g, p) &&
    p.some((word) => word.length > 2 && !/\d/.test(word))
  ) {
    const isList = /,|\band\b|\bor\b/.test(gold);
    if (!isList && contains(g, p)) return yes('phrase of the truth');
  }
  if (g.length <= 4 && p.length <= 4) return no('text');
  return unknown('text');
}

/** Words set side by side, in any order: "red, blue" and "blue and red". */
function sameItems(gold: string, prediction: string): boolean {
  const items = (text: string): string[] =>
    text
      .split(/,|;|\band\b|\\quad/)
      .map((part) => textWords(part).join(' '))
      .filter((part) => part !== '')
      .sort();
  const [g, p] = [items(gold), items(prediction)];
  return g.length > 1 && g.length === p.length && g.length <= 40 && g.every((item, i) => item === p[i]);
}

/** "n is odd" says odd: the words after the last "is", when there are few. */
function tailAfterCopula(text: string): string | undefined {
  const plain = text.slice(-300).replace(/\\(?:text|mbox|mathrm)\s*|[{}$]/g, ' ');
  const tail = /^(?:\S+\s+){1,4}(?:is|are)\s+([a-z -]{2,40})$/i.exec(plain.trim().replace(/[.!]$/, ''))?.[1];
  return tail === undefined ? undefined : joined(textWords(tail));
}

const sameNegations = (g: readonly string[], p: readonly string[]): boolean =>
  g.filter((word) => negations.has(word)).length === p.filter((word) => negations.has(word)).length;
