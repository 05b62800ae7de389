import type { Question, Verdict } from '@svo/mdp';
import { extractChoice } from './extract.ts';
import type { VerifyOptions } from './options.ts';
import { verifyAnswer } from './verdict.ts';

const noGold: Verdict = { equivalent: undefined, how: 'no gold answer' };

/** Numbers only: what stands beside them is not looked at. */
const plainNumbers: VerifyOptions = { units: 'ignored', decimals: 'exact' };

/**
 * Judges a response to a GSM8K question: the number after the last `####`, "Final Answer:", `A:` or in the last box, else the last
 * number, against the number after `####` in `question.answer` (or the answer itself). Exact: 3 and 3.0 agree, 3 and 3.01 don't.
 *
 * @example
 * ```ts
 * import { gsm8kVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: 'How many?', answer: '20 + 5 = 25\n#### 25' };
 * gsm8kVerifier(question, 'Twenty and five.\n\nFinal Answer: $25').equivalent; // => true
 * ```
 */
export function gsm8kVerifier(question: Question, response: string): Verdict {
  return question.answer === undefined ? noGold : verifyAnswer(question.answer, response, plainNumbers);
}

/**
 * Judges a response to a question with a mathematical answer of any kind, by the default conventions of {@link VerifyOptions}.
 *
 * @example
 * ```ts
 * import { mathVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: 'Solve x^2 = 5x - 6.', answer: 'x = 2, x = 3' };
 * mathVerifier(question, 'Factoring gives $x = \\boxed{3}$ or $x = \\boxed{2}$.').equivalent; // => true
 * ```
 */
export function mathVerifier(question: Question, response: string): Verdict {
  return question.answer === undefined ? noGold : verifyAnswer(question.answer, response);
}

const labelled = /answer\s?\d\b/gi;

/**
 * Judges a multiple-choice response by its letter (or a label such as `answer2`). `question.answer` may be `B`, `(B)` or `B. Paris`.
 *
 * @example
 * ```ts
 * import { choiceVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: 'Which one? (A) … (B) …', answer: 'B' };
 * choiceVerifier(question, "It can't be A, so the answer is (B)."); // => { equivalent: true, how: 'choice', answer: 'B' }
 * ```
 */
export function choiceVerifier(question: Question, response: string): Verdict {
  if (question.answer === undefined) return noGold;
  const label = (text: string): string | undefined =>
    text.slice(-20_000).match(labelled)?.at(-1)?.toLowerCase().replace(/\s/g, '');
  const byLabel = label(question.answer);
  const gold = byLabel ?? extractChoice(question.answer);
  const answer = byLabel === undefined ? extractChoice(response) : label(response);
  if (gold === undefined) return { equivalent: undefined, how: 'the truth names no choice' };
  if (answer === undefined) return { equivalent: false, how: 'no answer' };
  return { equivalent: answer === gold, how: 'choice', answer };
}
