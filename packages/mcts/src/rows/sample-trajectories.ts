import {
  assertOptions,
  createRng,
  outcomeRewards,
  shuffle,
  splitRng,
  stepCredits,
  type ValuedTrajectory,
} from '@svo/mdp';
import { terminalOutcome } from '../tree/node-status.ts';
import { pathTo, promptOf, stepsTo } from '../tree/path.ts';
import type { Tree } from '../tree/tree.ts';

/** The trajectory that ends in a terminal, with its values and credits c_t = r_t + V(s_{t+1}) − V(s_t) (DVO, eq. 10). */
export function trajectoryTo(tree: Tree, terminal: number): ValuedTrajectory {
  const path = pathTo(tree, terminal);
  const steps = stepsTo(tree, terminal);
  const reward = tree.values[terminal]!;
  // A terminal's value in the tree is its reward; the hand-off has V(s_T) = 0 and the reward apart, so that it counts once.
  const values = path.map((node) => (node === terminal ? 0 : tree.values[node]!));
  const rewards = outcomeRewards(true, steps.length, { correct: reward });
  return {
    questionId: tree.question.id,
    prompt: promptOf(tree),
    steps,
    reward,
    values,
    credits: stepCredits(rewards, values),
    visits: path.slice(1).map((node) => tree.visits[node]!),
  };
}

/** Terminals that were counted, in node order. */
export function countedTerminals(tree: Tree): number[] {
  const terminals: number[] = [];
  for (let node = 1; node < tree.size; node++) {
    if (tree.visits[node]! > 0 && terminalOutcome(tree, node) !== undefined) terminals.push(node);
  }
  return terminals;
}

/**
 * DVO's training data: up to 4 positive and 4 negative trajectories of a tree with their step values and credits.
 *
 * A terminal is positive when its reward is above 0, negative when below; one not counted (`lost`) is neither. Those whose
 * path was visited most come first, by the mean of N(s_1) … N(s_T), since a value seen once is noise; ties by the seed.
 *
 * @param options `positive` 4, `negative` 4, `seed` 0
 * @returns positives, then negatives
 * @throws RangeError when a number is not a non-negative integer
 * @example
 * ```ts
 * import { ask, createTree, dvoSearch, sampleTrajectories, tell, uniformPrior } from '@svo/mcts';
 * const verifier = (question, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = dvoSearch({ verifier, prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * const answer = (text) => ({ text, count: 1, finish: 'answer' });
 * tell(tree, rules, ask(tree, rules), [answer('5'), answer('6')]);
 * sampleTrajectories(tree).map(({ steps, credits }) => [steps, credits]); // => [[['5'], [1]], [['6'], [-1]]]
 * ```
 */
export function sampleTrajectories(
  tree: Tree,
  options: { readonly positive?: number; readonly negative?: number; readonly seed?: number } = {},
): ValuedTrajectory[] {
  assertOptions('sampleTrajectories', options, ['positive', 'negative', 'seed']);
  const { positive = 4, negative = 4, seed = 0 } = options;
  for (const [name, count] of Object.entries({ positive, negative })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`sampleTrajectories: ${name} must be a non-negative integer, got ${count}`);
    }
  }
  const rng = splitRng(splitRng(createRng(seed), 'trajectories'), tree.question.id);
  const ranked = shuffle(rng, countedTerminals(tree))
    .map((node) => ({ node, visits: meanVisits(tree, node) }))
    .sort((a, b) => b.visits - a.visits);
  const take = (sign: number, count: number): ValuedTrajectory[] =>
    ranked
      .filter(({ node }) => Math.sign(tree.values[node]!) === sign)
      .slice(0, count)
      .map(({ node }) => trajectoryTo(tree, node));
  return [...take(1, positive), ...take(-1, negative)];
}

const meanVisits = (tree: Tree, node: number): number => {
  let total = 0;
  for (let s = node; s > 0; s = tree.parents[s]!) total += tree.visits[s]!;
  return total / tree.depths[node]!;
};
