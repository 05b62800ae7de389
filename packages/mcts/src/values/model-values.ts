import { assertCounts, assertOptions, type Question, type ValueModel } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { estimates } from '../inference/decoded.ts';
import { stateOf } from '../tree/path.ts';
import type { Tree } from '../tree/tree.ts';
import { expandedNodes } from './expanded-nodes.ts';
import { prefixTree } from './prefix-tree.ts';
import { commonOptions, drawnResponses, type ValueOptions } from './value-options.ts';

/** How {@link modelValues} estimates. */
export interface ModelValuesOptions extends ValueOptions {
  /** Says what a state is worth, in the units of the outcomes: −1 to 1. */
  readonly valueModel: ValueModel;
  /** How many responses to draw: 16. */
  readonly responses?: number;
}

/**
 * Values from a model: draws responses, and asks a value model for every state of theirs; ends keep their outcome. What a model
 * was trained on it has to generalise from: an outcome value model (OVM, 2311.09724) has seen whole responses alone.
 *
 * @returns a tree of the responses, its values the model's; `visits` are the responses through a state
 * @throws RangeError when a number is no positive integer, an option is unknown, or the model gives something else than numbers
 * @throws ProgramError when the policy has a defect
 * @example
 * ```ts
 * import type { Policy, ValueModel, Verifier } from '@svo/mdp';
 * import { modelValues } from '@svo/mcts';
 * const policy: Policy = { id: 'fives', propose: async () => [{ text: 'It is 5.', count: 1, finish: 'answer' }] };
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.includes(answer!), how: 'test' });
 * const valueModel: ValueModel = { id: 'doubts', values: async (states) => states.map(() => 0.25) };
 * const tree = await modelValues({ id: 'a', prompt: '2 + 3?', answer: '5' }, { policy, verifier, valueModel });
 * [tree.values[0], tree.values[1], tree.usage.estimates]; // => [0.25, 1, 1]
 * ```
 */
export async function modelValues(question: Question, options: ModelValuesOptions): Promise<Tree> {
  assertOptions('modelValues', options, [...commonOptions, 'valueModel', 'responses']);
  const { verifier, valueModel, responses = defaults.responses, depth = defaults.depth, signal } = options;
  assertCounts('modelValues', { responses, depth });
  const drawn = await drawnResponses('modelValues', question, options, responses);
  const tree = prefixTree(question, drawn.responses, { verifier, shrink: false });
  // Where every draw was lost there is no state to speak of.
  const nodes = expandedNodes(tree).filter((node) => tree.visits[node]! > 0);
  const states = nodes.map((node) => stateOf(tree, node));
  const values = await estimates('modelValues', valueModel, question, states, signal);
  nodes.forEach((node, i) => {
    tree.values[node] = values[i]!;
  });
  return Object.assign(tree, { usage: { ...drawn.cost, estimates: nodes.length } });
}
