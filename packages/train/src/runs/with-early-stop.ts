import { copyParams, disposeTensors } from '../params.ts';
import type { Params, Report, Run, StepResult } from '../types.ts';

/** What counts as better, and how long to wait for it. */
export interface EarlyStopOptions {
  /** How many measurements in a row may pass without improvement. */
  readonly patience: number;
  readonly metric?: string;
  /** Which way the metric should go. */
  readonly better?: 'lower' | 'higher';
  /** An improvement smaller than this does not count. */
  readonly minDelta?: number;
}

/**
 * Ends a run when `metric` has not improved for `patience` measurements, and gives back the best weights: after the last
 * step one more result follows whose `state.params` are those of the best measurement and whose report is that step's, with
 * `early_stop/stopped_at` added. The same happens when the run ends by itself. The moments stay those of the last step; to
 * train on from the best point, resume its checkpoint.
 * @param options `metric` 'eval_loss', `better` 'lower', `minDelta` 0
 * @throws RangeError when `patience` is not a positive whole number or `minDelta` is negative.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, train, trainStep, withEarlyStop } from '@svo/train';
 * const optimizer = sgd({ learningRate: 1.5 }); // too fast: |w| doubles with every step
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), Array(9).fill({}), trainStep(({ w }) => tf.square(w), optimizer));
 * const steps = [];
 * for await (const { report } of withEarlyStop(run, { metric: 'loss', patience: 2 })) steps.push(report.step);
 * steps; // => [1, 2, 3, 1]
 * ```
 */
export async function* withEarlyStop(run: Run, options: EarlyStopOptions): AsyncGenerator<StepResult, void, undefined> {
  const { patience, metric = 'eval_loss', better = 'lower', minDelta = 0 } = options;
  if (!Number.isInteger(patience) || patience < 1)
    throw new RangeError(`withEarlyStop: patience must be a whole number ≥ 1, got ${patience}`);
  if (!(minDelta >= 0)) throw new RangeError(`withEarlyStop: minDelta must be ≥ 0, got ${minDelta}`);
  const sign = better === 'lower' ? 1 : -1;
  let best: { readonly score: number; readonly params: Params; readonly report: Report } | undefined;
  let last: StepResult | undefined;
  let waited = 0;
  try {
    for await (const result of run) {
      last = result;
      const score = result.report[metric] === undefined ? undefined : sign * result.report[metric];
      if (score !== undefined && (best === undefined || score < best.score - minDelta)) {
        disposeTensors(best?.params);
        best = { score, params: copyParams(result.state.params), report: result.report };
        waited = 0;
      } else if (score !== undefined) waited++;
      yield result;
      if (waited >= patience) break;
    }
    if (!best || !last) return;
    const { params, report } = best;
    best = undefined;
    disposeTensors(last.state.params);
    yield { state: { ...last.state, params }, report: { ...report, 'early_stop/stopped_at': last.state.step } };
  } finally {
    disposeTensors(best?.params);
  }
}
