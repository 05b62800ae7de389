import { canonicalJson, type Question, type Verifier } from '@svo/mdp';
import { extractChoice } from './extracting/extract-choice.ts';
import { settle, type VerifyOptions } from './options.ts';
import { verifyAnswer } from './verdict.ts';

/** Numbers only: what stands beside them is not looked at. */
const plainNumbers: VerifyOptions = { units: 'ignored', decimals: 'exact' };

/** The truth to compare with. Without one no response is right or wrong, and a verdict would be a silent −1. */
const truthOf = (caller: string, { id, answer }: Question): string => {
  if (typeof answer === 'string' && answer.trim() !== '') return answer;
  throw new RangeError(
    `${caller}: question '${id}' must have an answer to compare with, got ${JSON.stringify(answer)}`,
  );
};

const judge = (name: string, options: VerifyOptions): Verifier => {
  settle(name, options);
  return /* @__PURE__ */ Object.assign(
    (question: Question, response: string) => verifyAnswer(truthOf(name, question), response, options),
    { id: `${name}(${canonicalJson(options)})`, needsAnswer: true },
  );
};

/**
 * A judge like {@link mathVerifier} with conventions of your own. Its `id` names them, so that a journal knows them again.
 *
 * @throws RangeError for an option outside its range
 * @example
 * ```ts
 * import { answerVerifier } from '@svo/verify';
 * const verifier = answerVerifier({ percent: 'value' });
 * verifier({ id: 'q', prompt: 'How much?', answer: '28 %' }, 'It is \\boxed{28}.').equivalent; // => false
 * verifier.id; // => 'answerVerifier({"percent":"value"})'
 * ```
 */
export function answerVerifier(options: VerifyOptions = {}): Verifier {
  return judge('answerVerifier', options);
}

/**
 * Judges a response to a GSM8K question: the number after the last `####`, "Final Answer:", `A:` or in the last box, else the last
 * number, against the number after `####` in `question.answer` (or the answer itself). Exact: 3 and 3.0 agree, 3 and 3.01 don't.
 *
 * @throws RangeError for a question without an answer
 * @example
 * ```ts
 * import { gsm8kVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: 'How many?', answer: '20 + 5 = 25\n#### 25' };
 * gsm8kVerifier(question, 'Twenty and five.\n\nFinal Answer: $25').equivalent; // => true
 * ```
 */
export const gsm8kVerifier: Verifier = /* @__PURE__ */ judge('gsm8kVerifier', plainNumbers);

/**
 * Judges a response to a question with a mathematical answer of any kind, by the default conventions of {@link VerifyOptions}.
 *
 * @throws RangeError for a question without an answer
 * @example
 * ```ts
 * import { mathVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: 'Solve x^2 = 5x - 6.', answer: 'x = 2, x = 3' };
 * mathVerifier(question, 'Factoring gives $x = \\boxed{3}$ or $x = \\boxed{2}$.').equivalent; // => true
 * ```
 */
export const mathVerifier: Verifier = /* @__PURE__ */ judge('mathVerifier', {});

const labelled = /answer\s?\d\b/gi;

/**
 * Judges a multiple-choice response by its letter (or a label such as `answer2`). `question.answer` may be `B`, `(B)` or `B. Paris`.
 *
 * @throws RangeError for a question without an answer, or whose answer names no choice
 * @example
 * ```ts
 * import { choiceVerifier } from '@svo/verify';
 * const question = { id: 'q', prompt: 'Which one? (A) … (B) …', answer: 'B' };
 * choiceVerifier(question, "It can't be A, so the answer is (B)."); // => { equivalent: true, how: 'choice', answer: 'B' }
 * ```
 */
export const choiceVerifier: Verifier = /* @__PURE__ */ Object.assign(
  (question: Question, response: string) => {
    const truth = truthOf('choiceVerifier', question);
    const label = (text: string): string | undefined =>
      text.slice(-20_000).match(labelled)?.at(-1)?.toLowerCase().replace(/\s/g, '');
    const byLabel = label(truth);
    const gold = byLabel ?? extractChoice(truth);
    if (gold === undefined) {
      throw new RangeError(
        `choiceVerifier: the answer of question '${question.id}' must name a choice, got ${JSON.stringify(truth.slice(0, 80))}`,
      );
    }
    const answer = byLabel === undefined ? extractChoice(response) : label(response);
    if (answer === undefined) return { equivalent: false, how: 'no answer' };
    return { equivalent: answer === gold, how: 'choice', answer };
  },
  { id: 'choiceVerifier', needsAnswer: true },
);
