import type { ValueModel } from '@svo/mdp';
import { type Decoded, estimates, rankResponses } from '../decoded.ts';
import { type SampleResponsesOptions, sampleResponses } from './sample-responses.ts';

/**
 * Best of n: draws n responses and takes the one a value model finds best; without one, the most probable per token.
 * Responses that a server's fault ended are `lost`: not ranked, and `best` is undefined where all were.
 *
 * @throws RangeError when `count` or `depth` is no positive integer, or the value model gives something else than numbers
 * @example
 * ```ts
 * import type { Policy, ValueModel } from '@svo/mdp';
 * import { bestOfN } from '@svo/mcts';
 * const policy: Policy = {
 *   id: 'digits',
 *   propose: async ({ seed }) => [{ text: `It is ${seed % 10}.`, count: 1, finish: 'answer' }],
 * };
 * const valueModel: ValueModel = { id: 'large', values: async (states) => states.map(({ state }) => Number(state.steps[0]![6])) };
 * const { best, cost } = await bestOfN({ question: { id: 'a', prompt: '2 + 3?' }, policy, valueModel, count: 200 });
 * [best!.text, cost.requests, cost.estimates]; // => ['It is 9.', 200, 200]
 * ```
 */
export async function bestOfN(
  options: SampleResponsesOptions & { readonly valueModel?: ValueModel },
): Promise<Decoded> {
  const { valueModel, ...sampling } = options;
  const { question, signal } = options;
  const drawn = await sampleResponses(sampling);
  if (valueModel === undefined) return drawn;
  const states = drawn.responses.map(({ steps }) => ({ questionId: question.id, steps }));
  const values = await estimates('bestOfN', valueModel, question, states, signal);
  const responses = rankResponses(drawn.responses.map((response, row) => ({ ...response, score: values[row]! })));
  return { ...drawn, best: responses[0], responses, cost: { ...drawn.cost, estimates: states.length } };
}
