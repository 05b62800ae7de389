import { type Decoded, type StepBeamSearchOptions, stepBeamSearch } from '@svo/mcts';
import { assertCounts, assertOptions, type Question, type Verifier } from '@svo/mdp';
import { type Answered, judgedText } from './answer-questions.ts';

/** Whom to ask what, and who says which prefixes go on: `stepBeamSearch`'s options, for many questions. */
export interface AnswerByBeamsOptions extends Omit<StepBeamSearchOptions, 'question'> {
  readonly questions: readonly Question[];
  readonly verifier: Verifier;
  /** Questions searched at once; 1 by default, more keep a server busy. It changes no answer. */
  readonly together?: number;
}

/**
 * The best response of a step-level beam search (SBS, 2406.10858, section 3.3) to each question, judged. It depends on the question and the seed
 * alone. A search that ends without an answer is a wrong one (`finished` false); one whose draws a server lost is neither right nor wrong.
 *
 * @throws RangeError for a count that is no positive integer, and as `stepBeamSearch` does
 * @example
 * ```ts
 * import type { Policy, ValueModel } from '@svo/mdp';
 * import { answerByBeams } from '@svo/recipes';
 * import { mathVerifier } from '@svo/verify';
 * const policy: Policy = {
 *   id: 'five or six',
 *   propose: async () => ['5', '6'].map((n) => ({ text: `Final Answer: ${n}`, count: 1, finish: 'answer' })),
 * };
 * const valueModel: ValueModel = { id: 'six', values: async (states) => states.map(({ state }) => (state.steps[0]!.endsWith('6') ? 1 : 0)) };
 * const questions = [{ id: 'a', prompt: '2+4?', answer: '6' }];
 * const right: (boolean | undefined)[] = [];
 * for await (const { answers } of answerByBeams({ policy, valueModel, questions, verifier: mathVerifier })) right.push(answers[0]!.right);
 * right; // => [true]
 * ```
 */
export async function* answerByBeams(options: AnswerByBeamsOptions): AsyncGenerator<Answered, void, undefined> {
  assertOptions('answerByBeams', options, [
    ...['policy', 'valueModel', 'questions', 'verifier', 'beams', 'samples', 'depth', 'together', 'seed', 'signal'],
  ]);
  const { questions, verifier, together = 1, ...search } = options;
  assertCounts('answerByBeams', { together });
  for (let at = 0; at < questions.length; at += together) {
    const some = questions.slice(at, at + together);
    const found = await Promise.all(some.map((question) => stepBeamSearch({ ...search, question })));
    for (const [i, question] of some.entries()) yield answered(question, found[i]!, verifier);
  }
}

function answered(question: Question, { best, lost }: Decoded, verifier: Verifier): Answered {
  if (best === undefined) return { question, answers: [], lost: Math.max(1, lost.length) };
  return {
    question,
    answers: [{ ...judgedText('answerByBeams', question, best.text, verifier), finished: best.finished }],
    lost: 0,
  };
}
