import type { Trajectory } from '@svo/mdp';
import { unlessEmpty } from '../tree/draws.ts';
import { drawsTo, pathTo, promptOf, stepsTo } from '../tree/path.ts';
import { countedTerminals } from '../tree/terminals.ts';
import type { Tree } from '../tree/tree.ts';

/** A trajectory with the advantage of each step. */
export interface AdvantageRow extends Trajectory {
  /** One a step, in the units of the rewards or of their deviation. */
  readonly advantages: readonly number[];
}

/**
 * Every response of a tree, as often as it was drawn, with the advantages of its steps: what a policy-gradient loss is trained on. All the
 * tokens of a step have the step's advantage.
 *
 * @param advantages [N] of the step into each node, from any of the functions of this chapter
 * @throws RangeError when there is not one advantage a node
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { advantageRows, prefixTree, stepAdvantages } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response.endsWith(answer!), how: 'test' });
 * const drawn = (...steps: string[]) => ({ steps, finished: true });
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, [drawn('3'), drawn('4')], { verifier });
 * advantageRows(tree, stepAdvantages(tree)).map(({ steps, advantages }) => [steps, advantages]); // => [[['3'], [1]], [['4'], [-1]]]
 * ```
 */
export function advantageRows(tree: Tree, advantages: ArrayLike<number>): AdvantageRow[] {
  if (advantages.length !== tree.size)
    throw new RangeError(`advantageRows: advantages must hold one a node, ${tree.size}, got ${advantages.length}`);
  return countedTerminals(tree).flatMap((terminal) => {
    const row = {
      questionId: tree.question.id,
      prompt: promptOf(tree),
      steps: stepsTo(tree, terminal),
      reward: tree.values[terminal]!,
      advantages: pathTo(tree, terminal)
        .slice(1)
        .map((node) => advantages[node]!),
      ...unlessEmpty(drawsTo(tree, terminal)),
    };
    return Array.from({ length: tree.counts[terminal]! }, () => row);
  });
}
