import { assertCounts, assertOptions, type Question } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import type { Tree } from '../tree/tree.ts';
import { prefixTree } from './prefix-tree.ts';
import { commonOptions, drawnResponses, type ValueOptions } from './value-options.ts';

/** How {@link prefixValues} estimates. */
export interface PrefixValuesOptions extends ValueOptions {
  /** How many responses to draw: 16. */
  readonly responses?: number;
  /** Whether a state's mean is drawn towards its parent's value, as `prefixTree` does: true. */
  readonly shrink?: boolean;
}

/**
 * Values from independent draws: V(s) is the mean outcome of the responses that went through s, drawn towards V(parent) by one
 * pseudo-draw. The cheapest estimate, since every draw is a trajectory to learn from as well; a state seen once is hardly known.
 * Responses that exist already become the same tree by `prefixTree`.
 *
 * @returns a tree of all responses, duplicates counted: read it with `drawnTrajectories`, or like any other
 * @throws RangeError when a number is no positive integer, or an option is unknown
 * @throws ProgramError when the policy has a defect
 * @example
 * ```ts
 * import type { Policy, Verifier } from '@svo/mdp';
 * import { drawnTrajectories, prefixValues } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 1, finish: 'answer' }] };
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.includes(answer!), how: 'test' });
 * const tree = await prefixValues({ id: 'a', prompt: '2 + 3?', answer: '5' }, { policy, verifier, responses: 3 });
 * [tree.values[0], drawnTrajectories(tree).length]; // => [0.75, 3]
 * ```
 */
export async function prefixValues(question: Question, options: PrefixValuesOptions): Promise<Tree> {
  assertOptions('prefixValues', options, [...commonOptions, 'responses', 'shrink']);
  const { verifier, responses = defaults.responses, shrink = true, depth = defaults.depth } = options;
  assertCounts('prefixValues', { responses, depth });
  const drawn = await drawnResponses('prefixValues', question, options, responses);
  return Object.assign(prefixTree(question, drawn.responses, { verifier, shrink }), { usage: drawn.cost });
}
