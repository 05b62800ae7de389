import { assertOptions } from '@svo/mdp';
import type { VerifyOptions } from '../options.ts';
import { boxedAnswer, boxes, withoutEmptyBoxes } from './boxes.ts';
import { extractChoice } from './extract-choice.ts';
import { finalPart } from './final-part.ts';
import { lastBold, lastMath, lastNumber } from './last-stated.ts';
import { isPlaceholder } from './placeholder.ts';
import { isProse, toldTail } from './prose.ts';
import { firstLine, fromSentence, untag } from './sentence.ts';

/** Patterns here are linear: no quantifier is nested and none can overlap with what follows it over more than one line. */

/** What the truth looks like, when the caller knows: a letter to choose is looked for in another way than mathematics. */
export type AnswerKind = 'choice' | 'mathematics';

/** Options of `extractAnswer`. */
export interface ExtractOptions extends Pick<VerifyOptions, 'boxes'> {
  readonly kind?: AnswerKind;
}

const strong = /####|\bfinal answer\b\s*(?:is\b)?\s*:?|<answer>|^A:|^Answer\s*:/gim;
const weak =
  /\b(?:answers?|results?|solutions?)\s*(?:is|are)\b\s*:?|\bfinal (?:result|value)\s*:|\banswer\s*:|答案\s*(?:是|为)?\s*[:：]?|réponse\s*(?:est)?\s*:?|respuesta\s*(?:es)?\s*:?|antwort\s*(?:ist)?\s*:?|ответ\s*:?|उत्तर\s*:?|الجواب\s*:?/gi;

/** Where the matches of a pattern end, the last one first: what is said last counts, unless it says nothing. */
const endsOf = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].map((match) => match.index + match[0].length).reverse();

/**
 * The final answer of a response as it stands there, or undefined when there is none. What is looked for, in this order: after the last
 * `####`, "Final Answer", `<answer>` or line `A:` (unless a box comes later); the last `\boxed{…}`, joined with boxes that a conjunction
 * links to it; after "the answer is"; the last bold or delimited mathematics; the last number. A text that is no prose is its own answer.
 * What only stands for an answer (`\boxed{}`, `\boxed{...}`, "Final Answer: [answer]") is passed over.
 *
 * @throws RangeError for an option nobody reads
 * @example
 * ```ts
 * import { extractAnswer } from '@svo/verify';
 * extractAnswer('2 + 2 = 4\n\nFinal Answer: 4'); // => '4'
 * extractAnswer('so x is \\boxed{2} or \\boxed{3}.'); // => '2, 3'
 * extractAnswer('There are 3 cats and 4 dogs, 7 animals in all.'); // => '7'
 * ```
 */
export function extractAnswer(response: string, options: ExtractOptions = {}): string | undefined {
  assertOptions('extractAnswer', options, ['kind', 'boxes']);
  return options.kind === 'choice' ? extractChoice(response) : answerIn(response, options.boxes !== 'last');
}

/** The same where the answer is mathematics or words; `joined` boxes are one answer. */
export function answerIn(response: string, joined: boolean): string | undefined {
  const text = withoutEmptyBoxes(finalPart(response));
  const found = boxes(text);
  for (const marker of endsOf(text, strong)) {
    // A box behind the marker is what the marker announces.
    if (found.length > 0 && marker < found.at(-1)!.start) break;
    const tail = firstLine(untag(text.slice(marker)));
    if (/\w/.test(tail) && !beginsWithPlaceholder(tail)) return afterMarker(tail);
  }
  if (found.length > 0) return boxedAnswer(found, text, joined) || undefined;
  for (const told of endsOf(text, weak)) {
    const tail = firstLine(text.slice(told));
    if (tail !== '' && !beginsWithPlaceholder(tail)) return fromProse(tail);
  }
  if (!isProse(text)) return lastBold(text) ?? (text.trim() || undefined);
  return lastBold(text) ?? lastMath(text) ?? lastNumber(text) ?? toldTail(text);
}

/**
 * What stands behind `####` or "Final Answer": the line as it is, since that is the place for a bare answer, a text as well as a
 * number. Only where it shows that it is more than that (words of reasoning, emphasis or quotes around the answer, a second
 * sentence) is the answer looked for in it.
 */
const afterMarker = (tail: string): string | undefined =>
  isProse(tail) || /\*\*|"/.test(tail) || /[.!]\s/.test(tail) ? fromProse(tail) : tail.replace(/\.$/, '');

/** "The answer is [answer].", "Final Answer: ...": how an answer will be written, not the answer. */
const beginsWithPlaceholder = (tail: string): boolean => {
  const first = /^["'`*_$\s]*(\[[^\]]{0,60}\]|<[^>]{0,60}>|\{[^}]{0,60}\}|\.{2,}|…|_{2,}|\?+|\\[lc]?dots\b)/.exec(
    tail,
  )?.[1];
  return (first !== undefined && isPlaceholder(first)) || isPlaceholder(fromSentence(tail));
};

function fromProse(tail: string): string | undefined {
  const sentence = fromSentence(tail);
  if (!isProse(sentence)) return sentence || undefined;
  return lastMath(sentence) ?? lastNumber(sentence) ?? (sentence || undefined);
}
