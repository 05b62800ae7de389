/** What every objective of the main job is: examples made from trees, and a loss on batches of them. */

import type { Tree } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import type { Params } from '@svo/models';
import type { LossFunction } from '@svo/train';
import type { Learner } from '../learner.ts';
import type { TrainingRecipe } from '../recipe.ts';

/** What an objective may learn from: the trees of a round, their trajectories, and the frozen reference. */
export interface Material {
  readonly learner: Learner;
  readonly trees: readonly Tree[];
  readonly trajectories: readonly ValuedTrajectory[];
  readonly reference: Params;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
}

/** Ready to train: batches from a cursor on, how many there are, and the loss of one. */
export interface Plan<B extends object> {
  readonly updates: number;
  readonly batches: (cursor: unknown) => Iterable<B>;
  readonly loss: LossFunction<B>;
  /** Parameters the objective trains beside the policy's, drawn afresh in the first round. */
  readonly extras?: () => Params;
}
