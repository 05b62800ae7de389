import { drawnTrajectories, sampleTrajectories, type Tree } from '@svo/mcts';
import { assertOptions } from '@svo/mdp';
import type { RowMaterial } from './row-material.ts';

/** How trees become trajectories. */
export interface TreeOptions {
  /** Chooses among the solutions of a searched tree; 0 by default. */
  readonly seed?: number;
}

/**
 * Trees as a material. Of a searched tree at most four right and four wrong solutions, as DVO takes them; of one that was
 * made of independent draws (`prefixTree`, which leaves no fingerprint) every solution, as often as it was drawn.
 *
 * @example
 * ```ts
 * import { prefixTree } from '@svo/mcts';
 * import { treeMaterial } from '@svo/recipes';
 * import { mathVerifier } from '@svo/verify';
 * const drawn = ['3', '4', '3'].map((answer) => ({ steps: [`Final Answer: ${answer}`], finished: true }));
 * const tree = prefixTree({ id: 'q', prompt: '1+2=?', answer: '3' }, drawn, { verifier: mathVerifier });
 * treeMaterial([tree]).trajectories.length; // => 3
 * ```
 */
export function treeMaterial(trees: readonly Tree[], options: TreeOptions = {}): RowMaterial {
  assertOptions('treeMaterial', options, ['seed']);
  const { seed = 0 } = options;
  const trajectories = trees.flatMap((tree) =>
    tree.fingerprint === undefined ? drawnTrajectories(tree) : sampleTrajectories(tree, { seed }),
  );
  return { trees, trajectories, pairs: [], completions: [] };
}
