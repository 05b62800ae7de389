/** w² on one weight, by gradient descent: a run whose every number can be known beforehand. */
import { tf } from '@svo/tensor';
import { sgd } from '../optimizers/sgd.ts';
import { initialTrainState } from '../step/initial-train-state.ts';
import { train } from '../step/train.ts';
import { trainStep } from '../step/train-step.ts';
import type { Run, TrainStep } from '../types.ts';

export interface Sign {
  /** Multiplies the loss; NaN breaks it. */
  readonly sign: number;
  readonly rows?: readonly number[];
}

/** Each step multiplies w by 1 − 2·rate·sign. */
export const descentStep = (rate: number): TrainStep<Sign | readonly Sign[]> =>
  trainStep<Sign>(({ w }, { sign }) => tf.mul(tf.square(w!), sign), sgd({ learningRate: rate }));

/** A run from w = 1 over batches of these signs. */
export const descent = (signs: readonly number[], rate = 0.25): Run =>
  train(
    initialTrainState({ w: tf.scalar(1) }, sgd({ learningRate: rate })),
    signs.map((sign, i) => ({ sign, rows: [i] })),
    descentStep(rate),
  );
