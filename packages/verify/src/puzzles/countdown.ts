import type { Question, Verdict, Verifier } from '@svo/mdp';
import { type Budget, budgetSpent, createBudget } from '../budget.ts';
import { boxes } from '../extracting/boxes.ts';
import { finalPart } from '../extracting/final-part.ts';
import { equal, integer, type Rational } from '../numbers/rational.ts';
import { type Calculation, readCalculation } from './calculation.ts';

/**
 * Judges a response to the 24 game, and to Countdown with any target: its last calculation must use every given number exactly once, with `+ - * /`
 * and brackets alone, and come to the target exactly. `question.answer` says what was given, `24 from 4 6 8 8`, since many calculations are right.
 *
 * The calculation is what stands behind the last "Final Answer:", "Answer:", `####` or `<answer>`, or in the last box; in a text that marks none, its last line.
 * `= 24` may stand behind it, and must then be true. It is read by a grammar of its own and computed with rational numbers: `8/(3-8/3)` is 24. A sign before a number is no operation of the game.
 *
 * @throws RangeError for a question whose answer is not `<target> from <numbers>`
 * @example
 * ```ts
 * import { countdownVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: '3 3 8 8', answer: '24 from 3 3 8 8' };
 * countdownVerifier(question, 'Final Answer: 8 / (3 - 8 / 3) = 24').equivalent; // => true
 * countdownVerifier(question, 'Final Answer: 8 * 3').how; // => 'numbers'
 * ```
 */
export const countdownVerifier: Verifier = /* @__PURE__ */ Object.assign(
  (question: Question, response: string): Verdict => {
    const { target, numbers } = puzzleOf(question);
    const answer = calculationIn(response);
    if (answer === undefined) return { equivalent: false, how: 'no answer' };
    try {
      return { ...judge(answer, target, numbers, createBudget()), answer };
    } catch (error) {
      // A calculation that is too long to be computed uses more numbers than anybody gave.
      if (error === budgetSpent) return { equivalent: false, how: 'unreadable', answer };
      throw error;
    }
  },
  { id: 'countdownVerifier', needsAnswer: true },
);

const puzzle = /^\s*(\d{1,15})\s+from\s+(\d{1,15}(?:[\s,]+\d{1,15}){0,31})\s*$/;

function puzzleOf({ id, answer }: Question): { readonly target: Rational; readonly numbers: readonly bigint[] } {
  const match = puzzle.exec(answer ?? '');
  if (match === null)
    throw new RangeError(
      `countdownVerifier: the answer of question '${id}' must be a target and numbers, such as '24 from 4 6 8 8', got ${JSON.stringify(answer)?.slice(0, 80)}`,
    );
  return { target: integer(BigInt(match[1]!)), numbers: match[2]!.split(/[\s,]+/).map(BigInt) };
}

/** Every side of an equation comes to the target, and one uses the numbers. */
function judge(answer: string, target: Rational, numbers: readonly bigint[], budget: Budget): Omit<Verdict, 'answer'> {
  const sides = answer.split('=', 9).map((side) => readCalculation(side, budget));
  if (sides.length > 8 || !sides.every((side): side is Calculation => side !== undefined))
    return { equivalent: false, how: 'unreadable' };
  const wanted = sorted(numbers);
  if (!sides.some((side) => sorted(side.numbers) === wanted)) return { equivalent: false, how: 'numbers' };
  const met = sides.every(({ value }) => value !== undefined && equal(value, target));
  return { equivalent: met, how: met ? 'calculation' : 'value' };
}

const sorted = (numbers: readonly bigint[]): string => [...numbers].sort((a, b) => Number(a - b)).join();

const marker = /final answer\s*(?:is)?\s*:?|answer\s*(?:is)?\s*:|answer is|####|<answer>/gi;

/** The calculation that a response ends with, as it stands there. */
function calculationIn(response: string): string | undefined {
  const text = finalPart(response);
  const boxed = boxes(text).map(({ start, inner }) => ({ at: start, said: inner }));
  const marked = [...text.matchAll(marker)].map((match) => ({
    at: match.index,
    said: lineOf(text.slice(match.index + match[0].length)),
  }));
  const found = [...boxed, ...marked].sort((a, b) => a.at - b.at).findLast(({ said }) => /\d/.test(said));
  const line = found?.said ?? text.trimEnd().split('\n').at(-1)!;
  return bare(line) || undefined;
}

/** The first line that says something. */
const lineOf = (text: string): string => {
  const from = text.slice(0, 2_000).trimStart();
  const end = from.search(/\n|<\//);
  return end < 0 ? from : from.slice(0, end);
};

const bare = (line: string): string =>
  line
    .slice(0, 2_000)
    .replace(/\*\*|`|\\\(|\\\)|\\\[|\\\]|\$/g, ' ')
    .replace(/[\s.!]+$/, '')
    .trim();
