import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Params, TrainState } from '../types.ts';

/**
 * The state before the first step. It takes the parameters over: the steps that follow may update them in place, so keep a
 * `copyParams` of whatever must stay, a reference model for instance.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { adamw, initialTrainState } from '@svo/train';
 * initialTrainState({ w: tf.scalar(1) }, adamw({ learningRate: 1e-3 })).step; // => 0
 * ```
 */
export function initialTrainState(params: Params, optimizer: Optimizer): TrainState {
  return { step: 0, params, optimizer: optimizer.init(params), tokens: 0 };
}
