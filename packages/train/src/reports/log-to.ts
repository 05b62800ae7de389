import type { Run, Sink, StepResult } from '../types.ts';

/**
 * Sends every report of a run to the sinks and passes the results on; sinks that have something to close are closed when
 * the run ends, however it ends.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, logTo, sgd, train, trainStep } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.1 });
 * const steps: number[] = [];
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), [{}, {}], trainStep(({ w }) => tf.square(w!), optimizer));
 * for await (const _ of logTo(run, ({ step }) => void steps.push(step))) continue;
 * steps; // => [1, 2]
 * ```
 */
export async function* logTo(run: Run, ...sinks: readonly Sink[]): AsyncGenerator<StepResult, void, undefined> {
  try {
    for await (const result of run) {
      for (const sink of sinks) sink(result.report);
      yield result;
    }
  } finally {
    for (const sink of sinks) sink.close?.();
  }
}
