import type { ValuedTrajectory } from '@svo/mdp';
import { countedTerminals } from '../tree/terminals.ts';
import type { Tree } from '../tree/tree.ts';
import { trajectoryTo } from './sample-trajectories.ts';

/**
 * Every trajectory of a tree, in node order, each as often as it was drawn: the material of a training on independent draws,
 * where how often a solution came is part of what the policy said. One that was not counted (`lost`) is left out.
 *
 * @example
 * ```ts
 * import type { Verifier } from '@svo/mdp';
 * import { drawnTrajectories, prefixTree } from '@svo/mcts';
 * const verifier: Verifier = ({ answer }, response) => ({ equivalent: response === answer, how: 'test' });
 * const drawn = ['3', '4', '3'].map((step) => ({ steps: [step], finished: true }));
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, drawn, { verifier });
 * drawnTrajectories(tree).map(({ reward }) => reward); // => [1, 1, -1]
 * ```
 */
export function drawnTrajectories(tree: Tree): ValuedTrajectory[] {
  return countedTerminals(tree).flatMap((terminal) => {
    const trajectory = trajectoryTo(tree, terminal);
    return Array.from({ length: tree.counts[terminal]! }, () => trajectory);
  });
}
