import type { TrainState } from '../types.ts';

/** What `trainStep` (and `tinkerStep` of `@svo/tinker`) throws when a loss or gradient is no number any more, or has exploded. The update was not applied. */
export interface DivergenceError extends Error {
  readonly name: 'DivergenceError';
  /** Updates made before the step that failed; `state` is the state from before it, whole and usable. */
  readonly step: number;
  readonly state: TrainState;
  readonly loss: number;
  readonly gradientNorm: number;
  /** Ids of the rows in the batch that did it, when the batch carries them. */
  readonly batchIds: readonly string[];
}

/**
 * Builds the error, with a message that says what to look at next: for a `TrainStep` of one's own.
 * @param caller the step's name, for the message
 * @example
 * ```ts
 * import { divergenceError, initialTrainState, isDivergenceError, sgd } from '@svo/train';
 * const state = initialTrainState({}, sgd({ learningRate: 1 }));
 * const error = divergenceError('myStep', { step: 3, state, loss: Number.NaN, gradientNorm: 1, batchIds: [] });
 * isDivergenceError(error); // => true
 * ```
 */
export function divergenceError(caller: string, details: Omit<DivergenceError, 'name' | 'message'>): DivergenceError {
  const { step, loss, gradientNorm, batchIds } = details;
  const rows = batchIds.length > 0 ? ` on rows ${batchIds.join(', ')}` : '';
  const message =
    `${caller}: training diverged at step ${step}${rows}: loss ${loss}, gradient norm ${gradientNorm}; the update was not applied. ` +
    'Lower the learning rate, lengthen the warm-up, or look at those rows; `error.state` is the state from before the step.';
  const error = Object.assign(new Error(message), { ...details, name: 'DivergenceError' as const });
  // A crash prints what can be enumerated: hundreds of tensors would bury the message.
  return Object.defineProperty(error, 'state', { enumerable: false });
}

/** Whether an error came from a diverged step; it works across copies of this package. */
export function isDivergenceError(error: unknown): error is DivergenceError {
  return error instanceof Error && error.name === 'DivergenceError' && 'state' in error;
}
