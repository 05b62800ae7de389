import { assertOptions } from '@svo/mdp';
import { copyParams, disposeTensors } from '../params.ts';
import { isDivergenceError } from '../step/divergence-error.ts';
import type { BestSoFar, Run, StepResult, TrainState } from '../types.ts';

/** What counts as better, and how long to wait for it. */
export interface EarlyStopOptions {
  /** How many measurements in a row may pass without improvement. */
  readonly patience: number;
  readonly metric?: string;
  /** Which way the metric should go. */
  readonly better?: 'lower' | 'higher';
  /** An improvement smaller than this does not count. */
  readonly minDelta?: number;
  /**
   * The state a resumed run starts from. Where it had waited long enough already, or has no step left, the run ends at once with the
   * best weights: without it one step too many is taken, or nothing comes. Of the last step's loss nothing is known then: NaN.
   */
  readonly resumed?: TrainState;
}

/**
 * Ends a run when `metric` has not improved for `patience` measurements, and gives back the best weights: after the last
 * step one more result follows whose `state.params` are those of the best measurement. Its report is of the last step, with
 * `early_stop/stopped_at` (that step), `early_stop/best_step` and `early_stop/best_value`: no sink sees an older step again.
 * The same happens when the run ends by itself. A measurement that is no finite number is no improvement. The moments stay
 * those of the last step; to train on from the best point, resume its checkpoint.
 *
 * The best weights so far and the waiting are part of the states it yields (`state.earlyStop`), and freed with them:
 * `withCheckpoints` around it saves them, and a resumed run (`resumed`, its state) ends as one that was never interrupted.
 * @param options `metric` 'eval_loss', `better` 'lower', `minDelta` 0, `resumed` none
 * @throws RangeError when `patience` is not a positive whole number, `minDelta` is negative, `better` is another word, or an
 *   option is unknown.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, train, trainStep, withEarlyStop } from '@svo/train';
 * const optimizer = sgd({ learningRate: 1.5 }); // too fast: |w| doubles with every step
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), Array(9).fill({}), trainStep(({ w }) => tf.square(w!), optimizer));
 * const steps = [];
 * for await (const { report } of withEarlyStop(run, { metric: 'loss', patience: 2 })) steps.push(report['early_stop/best_step'] ?? report.step);
 * steps; // => [1, 2, 3, 1]
 * ```
 */
export async function* withEarlyStop(run: Run, options: EarlyStopOptions): AsyncGenerator<StepResult, void, undefined> {
  const { patience, metric, improves } = settled(options);
  const { resumed } = options;
  if (resumed?.earlyStop && resumed.earlyStop.waited >= patience) {
    yield ended(resumed, { step: resumed.step, loss: Number.NaN }, resumed.earlyStop);
    return;
  }
  let last: StepResult | undefined;
  let best: BestSoFar | undefined;
  // What a resumed state brought along: the run's own states go on holding it, so it is freed at the end.
  let brought: BestSoFar | undefined;
  try {
    for await (const result of run) {
      if (last === undefined) best = brought = result.state.earlyStop;
      const before = best;
      best = measured(best, result, result.report[metric], improves);
      if (before && before.params !== best?.params && before !== brought) disposeTensors(before.params);
      last = { ...result, state: withMemory(result.state, best) };
      yield last;
      if (best && best.waited >= patience) break;
    }
    if (last === undefined && resumed?.earlyStop)
      yield ended(resumed, { step: resumed.step, loss: Number.NaN }, resumed.earlyStop);
    if (best && last) yield ended(last.state, last.report, best);
  } catch (error) {
    if (isDivergenceError(error)) Object.assign(error, { state: withMemory(error.state, best) });
    throw error;
  } finally {
    if (brought && brought.params !== best?.params) disposeTensors(brought.params);
  }
}

/** The last result: the best weights in place of the last step's, which are freed. */
function ended(
  state: TrainState,
  { step, loss }: Pick<StepResult['report'], 'step' | 'loss'>,
  best: BestSoFar,
): StepResult {
  disposeTensors(state.params);
  return {
    state: { ...state, params: copyParams(best.params) },
    report: {
      step,
      loss,
      'early_stop/stopped_at': state.step,
      'early_stop/best_step': best.step,
      'early_stop/best_value': best.value,
    },
  };
}

function settled(options: EarlyStopOptions): {
  readonly patience: number;
  readonly metric: string;
  readonly improves: (value: number, on: number) => boolean;
} {
  assertOptions('withEarlyStop', options, ['patience', 'metric', 'better', 'minDelta', 'resumed']);
  const { patience, metric = 'eval_loss', better = 'lower', minDelta = 0 } = options;
  if (!Number.isInteger(patience) || patience < 1)
    throw new RangeError(`withEarlyStop: patience must be a whole number ≥ 1, got ${patience}`);
  if (!(minDelta >= 0)) throw new RangeError(`withEarlyStop: minDelta must be ≥ 0, got ${minDelta}`);
  if (better !== 'lower' && better !== 'higher')
    throw new RangeError(`withEarlyStop: better must be 'lower' | 'higher', got ${JSON.stringify(better)}`);
  const sign = better === 'lower' ? 1 : -1;
  return { patience, metric, improves: (value, on) => sign * value < sign * on - minDelta };
}

/** The best so far after one more result, whose weights are copied when they are the best. */
function measured(
  best: BestSoFar | undefined,
  { state, report }: StepResult,
  value: number | undefined,
  improves: (value: number, on: number) => boolean,
): BestSoFar | undefined {
  if (value === undefined) return best;
  if (Number.isFinite(value) && (best === undefined || improves(value, best.value)))
    return { params: copyParams(state.params), step: report.step, value, waited: 0 };
  return best && { ...best, waited: best.waited + 1 };
}

function withMemory(state: StepResult['state'], best: BestSoFar | undefined): StepResult['state'] {
  const { earlyStop: _, ...rest } = state;
  return best ? { ...rest, earlyStop: best } : rest;
}
