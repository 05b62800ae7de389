import type { Run, StepResult } from '../types.ts';

/**
 * Ends a run once its state has made `steps` updates in all, those before a resume included: asking for 100 twice does
 * nothing the second time round beyond the one step that shows it.
 * @throws RangeError when `steps` is not a positive whole number.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, stopAfter, train, trainStep } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.1 });
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), Array(9).fill({}), trainStep(({ w }) => tf.square(w!), optimizer));
 * let last = 0;
 * for await (const { report } of stopAfter(run, 3)) last = report.step;
 * last; // => 3
 * ```
 */
export async function* stopAfter(run: Run, steps: number): AsyncGenerator<StepResult, void, undefined> {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`stopAfter: steps must be a whole number ≥ 1, got ${steps}`);
  for await (const result of run) {
    yield result;
    if (result.state.step >= steps) return;
  }
}
