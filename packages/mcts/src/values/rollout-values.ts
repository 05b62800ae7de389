import { assertCounts, assertOptions, createRng, equivalentOf, type Question, splitRng } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { drawChains } from '../inference/chains.ts';
import { outcomeSigns } from '../rules/presets.ts';
import { stateOf } from '../tree/path.ts';
import type { Tree } from '../tree/tree.ts';
import { expandedNodes } from './expanded-nodes.ts';
import { prefixTree } from './prefix-tree.ts';
import { commonOptions, drawnResponses, type ValueOptions } from './value-options.ts';

/** How {@link rolloutValues} estimates. */
export interface RolloutValuesOptions extends ValueOptions {
  /** How many responses to draw: 16. */
  readonly responses?: number;
  /** How many rollouts from each state of these responses: 8. */
  readonly rollouts?: number;
}

/**
 * Values from rollouts: draws responses, and from every state of theirs so many fresh ones; V(s) is the mean outcome of those
 * alone (Math-Shepherd, 2312.08935, section 3; VinePPO, 2410.01679). Unbiased for every state, and by far the dearest: a
 * response of T steps costs up to T times `rollouts` more.
 *
 * @returns a tree of the responses, its values those of the rollouts; `visits` are the responses through a state
 * @throws RangeError when a number is no positive integer, or an option is unknown
 * @throws ProgramError when the policy has a defect
 * @example
 * ```ts
 * import type { Policy, Verifier } from '@svo/mdp';
 * import { rolloutValues } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 1, finish: 'answer' }] };
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.includes(answer!), how: 'test' });
 * const options = { policy, verifier, responses: 3, rollouts: 4 };
 * const tree = await rolloutValues({ id: 'a', prompt: '2 + 3?', answer: '5' }, options);
 * [tree.values[0], tree.visits[0], tree.usage.requests]; // => [1, 3, 7]
 * ```
 */
export async function rolloutValues(question: Question, options: RolloutValuesOptions): Promise<Tree> {
  assertOptions('rolloutValues', options, [...commonOptions, 'responses', 'rollouts']);
  const {
    policy,
    verifier,
    responses = defaults.responses,
    rollouts = 8,
    depth = defaults.depth,
    seed = 0,
    signal,
  } = options;
  assertCounts('rolloutValues', { responses, rollouts, depth });
  const drawn = await drawnResponses('rolloutValues', question, options, responses);
  const tree = prefixTree(question, drawn.responses, { verifier, shrink: false });
  const states = expandedNodes(tree);
  const rng = splitRng(splitRng(createRng(seed), 'rollouts'), question.id);
  const starts = states.flatMap((node) => {
    const state = stateOf(tree, node);
    const own = splitRng(rng, JSON.stringify(state.steps));
    return Array.from({ length: rollouts }, (_, index) => ({ state, rng: splitRng(own, index) }));
  });
  const asked = { caller: 'rolloutValues', policy, signal };
  const sums = states.map(() => ({ count: 0, total: 0 }));
  for (const { start, state, finished, lost } of await drawChains(asked, question, starts, depth, drawn.cost)) {
    if (lost) continue;
    const right =
      finished && equivalentOf('rolloutValues: verifier', verifier(question, state.steps.join(''))) === true;
    const sum = sums[Math.floor(start / rollouts)]!;
    sum.count++;
    sum.total += right ? outcomeSigns.correct! : outcomeSigns.wrong!;
  }
  states.forEach((node, i) => {
    const { count, total } = sums[i]!;
    // A state all of whose rollouts a server lost keeps what the responses say of it.
    if (count > 0) tree.values[node] = total / count;
  });
  return Object.assign(tree, { usage: drawn.cost });
}
