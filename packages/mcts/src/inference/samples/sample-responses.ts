import { assertCounts, assertOptions, createRng, initialState, type Policy, type Question, splitRng } from '@svo/mdp';
import { defaults } from '../../defaults.ts';
import { noUsage } from '../../tree/tree.ts';
import { drawChains } from '../chains.ts';
import { type Decoded, rankResponses, responseOf } from '../decoded.ts';

/** What sampling whole responses needs. */
export interface SampleResponsesOptions {
  readonly question: Question;
  readonly policy: Policy;
  /** How many responses. */
  readonly count: number;
  /** The most steps of a response: 8. */
  readonly depth?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * Draws whole responses, step by step, each with streams of its own; all that are still going share each batch. Scores are
 * mean log-probs per token, NaN where the policy gives none. A draw that a server's fault kept from coming is asked for
 * again; after the third time its response is `lost`.
 *
 * @returns responses in the order of their score, finished ones first
 * @throws RangeError when `count` or `depth` is no positive integer
 * @example
 * ```ts
 * import type { Policy } from '@svo/mdp';
 * import { sampleResponses } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 1, finish: 'answer' }] };
 * const { responses, cost } = await sampleResponses({ question: { id: 'a', prompt: '2 + 3?' }, policy, count: 3 });
 * [responses.length, cost.requests]; // => [3, 3]
 * ```
 */
export async function sampleResponses(options: SampleResponsesOptions): Promise<Decoded> {
  assertOptions('sampleResponses', options, ['question', 'policy', 'count', 'depth', 'seed', 'signal']);
  const { question, policy, count, depth = defaults.depth, seed = 0, signal } = options;
  assertCounts('sampleResponses', { count, depth });
  const rng = splitRng(splitRng(createRng(seed), 'responses'), question.id);
  const starts = Array.from({ length: count }, (_, index) => ({
    state: initialState(question),
    rng: splitRng(rng, index),
  }));
  const cost = noUsage();
  const done = await drawChains({ caller: 'sampleResponses', policy, signal }, question, starts, depth, cost);
  const scored = done.filter((chain) => !chain.lost);
  const responses = rankResponses(
    scored.map(({ state, logps, tokens, finished, failure }) => responseOf(state, finished, logps / tokens, failure)),
  );
  const lost = done
    .filter((chain) => chain.lost)
    .map(({ state, failure }) => responseOf(state, false, Number.NaN, failure));
  return { best: responses[0], responses, lost, cost };
}
