import type { StepResult, TrainState, TrainStep } from '../types.ts';

/**
 * The loop: feeds `batches` to `step`, one state after another, and hands each result to the caller, whose `for await` is
 * the training script. `start` is consumed; the last state yielded is the one to keep. Breaking out of the loop is safe.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, train, trainStep } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.1 });
 * const step = trainStep((params) => tf.sum(tf.square(params.w!)), optimizer);
 * const start = initialTrainState({ w: tf.tensor1d([1]) }, optimizer);
 * const losses = [];
 * for await (const { report } of train(start, [{}, {}], step)) losses.push(Number(report.loss.toFixed(2)));
 * losses; // => [1, 0.64]
 * ```
 */
export async function* train<B>(
  start: TrainState,
  batches: Iterable<B> | AsyncIterable<B>,
  step: TrainStep<B>,
): AsyncGenerator<StepResult, void, undefined> {
  let state = start;
  for await (const batch of batches) {
    const result = await step(state, batch);
    state = result.state;
    yield result;
  }
}
