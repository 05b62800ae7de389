import type { Run, Sink, StepResult } from '../types.ts';

/**
 * Sends every report of a run to the sinks and passes the results on; sinks that have something to close are closed when
 * the run ends, however it ends, each of them, whatever another one throws; what closing throws never hides what ended the run.
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
  let failed = false;
  try {
    for await (const result of run) {
      for (const sink of sinks) sink(result.report);
      yield result;
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    closeAll(sinks, failed);
  }
}

/** Closes every sink, then throws what the first of them threw, unless the run has failed already. */
function closeAll(sinks: readonly Sink[], failed: boolean): void {
  const problems: unknown[] = [];
  for (const sink of sinks)
    try {
      sink.close?.();
    } catch (error) {
      problems.push(error);
    }
  if (!failed && problems.length > 0) throw problems[0];
}
