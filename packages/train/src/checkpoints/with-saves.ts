import { assertOptions } from '@svo/mdp';
import { tensorsIn } from '../params.ts';
import { isDivergenceError } from '../step/divergence-error.ts';
import type { Run, StepResult, TrainState } from '../types.ts';

/** How often, and how. */
export interface SavesOptions {
  /** Every so many steps; the end of the run is always saved. */
  readonly every: number;
  /** Saves a state and says where, for messages. */
  readonly save: (state: TrainState) => Promise<string>;
  /** Who is asked for it, for messages; `withSaves` by default. */
  readonly caller?: string;
}

/**
 * Saves the state in a way of one's own every `every` steps, and once more at the end of the run, also when the caller breaks out of
 * it: what `withCheckpoints` does with folders. When a step diverges, the state from before that step is saved first; the error
 * then says where (`error.checkpoint`). After any other error nothing is saved.
 * @throws RangeError when `every` is not a positive whole number.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, train, trainStep, withSaves } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.1 });
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), [{}, {}, {}], trainStep(({ w }) => tf.square(w!), optimizer));
 * const saved: number[] = [];
 * const save = async ({ step }: { step: number }) => `step ${saved.push(step)}`;
 * for await (const _ of withSaves(run, { every: 2, save })) continue;
 * saved; // => [2, 3]
 * ```
 */
export async function* withSaves(run: Run, options: SavesOptions): AsyncGenerator<StepResult, void, undefined> {
  assertOptions('withSaves', options, ['every', 'save', 'caller']);
  const { every, save, caller = 'withSaves' } = options;
  if (!Number.isInteger(every) || every < 1)
    throw new RangeError(`${caller}: every must be a whole number ≥ 1, got ${every}`);
  let unsaved: TrainState | undefined;
  try {
    for await (const result of run) {
      unsaved = result.state;
      if (result.state.step % every === 0) {
        await save(result.state);
        unsaved = undefined;
      }
      yield result;
    }
  } catch (error) {
    unsaved = undefined;
    if (!isDivergenceError(error)) throw error;
    const checkpoint = await save(error.state);
    throw Object.assign(error, { checkpoint, message: `${error.message} It is saved in ${checkpoint}.` });
  } finally {
    // A caller who broke out may have freed the state already; then there is nothing left to save.
    if (unsaved && tensorsIn(unsaved).every((tensor) => !tensor.isDisposed)) await save(unsaved);
  }
}
