import {
  assertOptions,
  createRng,
  outcomeRewards,
  shuffle,
  splitRng,
  stepCredits,
  type ValuedTrajectory,
} from '@svo/mdp';
import { unlessEmpty } from '../tree/draws.ts';
import { drawsTo, pathTo, promptOf, stepsTo } from '../tree/path.ts';
import { countedTerminals, meanValue, meanVisits } from '../tree/terminals.ts';
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
    ...unlessEmpty(drawsTo(tree, terminal)),
  };
}

/** Settings of {@link sampleTrajectories}. */
export interface SampleTrajectoriesOptions {
  /** The most with a reward above 0: 4. */
  readonly positive?: number;
  /** The most with a reward below 0: 4. */
  readonly negative?: number;
  /**
   * Which come first. `'visits'` (the default): those whose path was visited most, by the mean of N(s_1) … N(s_T). `'value'`:
   * the clearest by the search's values, by the mean of V(s_0) … V(s_{T−1}), the highest for positives and the lowest for
   * negatives.
   */
  readonly by?: 'visits' | 'value';
  /** Orders what is otherwise alike: 0. */
  readonly seed?: number;
}

/**
 * DVO's training data: up to 4 positive and 4 negative trajectories of a tree with their step values and credits.
 *
 * A terminal is positive when its reward is above 0, negative when below; one not counted (`lost`) is neither, and one without
 * a step (a failure of the model's) is not to be learnt from. Ties go by the seed.
 *
 * The paper draws both kinds "based on the step value estimation" (appendix C) and says no more. By default the most visited
 * paths come first, since a value that was seen once is noise, and the loss takes all values of a trajectory as targets; `by:
 * 'value'` reads the sentence literally.
 *
 * @param options see {@link SampleTrajectoriesOptions}
 * @returns positives, then negatives
 * @throws RangeError when a number is not a non-negative integer, or an option is unknown
 * @example
 * ```ts
 * import type { Candidate, Verifier } from '@svo/mdp';
 * import { ask, createTree, dvoSearch, sampleTrajectories, tell, uniformPrior } from '@svo/mcts';
 * const verifier: Verifier = (_, response) => ({ equivalent: response.includes('5'), how: 'test' });
 * const rules = dvoSearch({ verifier, prior: uniformPrior });
 * const tree = createTree({ id: 'q1', prompt: '2 + 3?' });
 * const answer = (text: string): Candidate => ({ text, count: 1, finish: 'answer' });
 * tell(tree, rules, ask(tree, rules)!, [answer('5'), answer('6')]);
 * sampleTrajectories(tree).map(({ steps, credits }) => [steps, credits]); // => [[['5'], [1]], [['6'], [-1]]]
 * ```
 */
export function sampleTrajectories(tree: Tree, options: SampleTrajectoriesOptions = {}): ValuedTrajectory[] {
  assertOptions('sampleTrajectories', options, ['positive', 'negative', 'by', 'seed']);
  const { positive = 4, negative = 4, by = 'visits', seed = 0 } = options;
  if (by !== 'visits' && by !== 'value') {
    throw new RangeError(`sampleTrajectories: by must be 'visits' or 'value', got ${JSON.stringify(by)}`);
  }
  for (const [name, count] of Object.entries({ positive, negative })) {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`sampleTrajectories: ${name} must be a non-negative integer, got ${count}`);
    }
  }
  const rng = splitRng(splitRng(createRng(seed), 'trajectories'), tree.question.id);
  const score = (node: number): number =>
    by === 'visits' ? meanVisits(tree, node) : Math.sign(tree.values[node]!) * meanValue(tree, node);
  const ranked = shuffle(rng, countedTerminals(tree))
    .map((node) => ({ node, score: score(node) }))
    .sort((a, b) => b.score - a.score);
  const take = (sign: number, count: number): ValuedTrajectory[] =>
    ranked
      .filter(({ node }) => Math.sign(tree.values[node]!) === sign)
      .slice(0, count)
      .map(({ node }) => trajectoryTo(tree, node));
  return [...take(1, positive), ...take(-1, negative)];
}
