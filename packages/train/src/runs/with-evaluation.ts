import { assertOptions } from '@svo/mdp';
import type { Run, StepResult, TrainState } from '../types.ts';

/** When to evaluate, and how. */
export interface EvaluationOptions {
  /** Every so many steps. */
  readonly every: number;
  /** Measures a state without consuming it; `evaluate` makes such a function from a loss. */
  readonly evaluate: (state: TrainState) => Promise<Readonly<Record<string, number>>>;
}

/**
 * Adds `eval_…` metrics to every `every`-th report.
 * @throws RangeError when `every` is not a positive whole number.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, train, trainStep, withEvaluation } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.1 });
 * const run = train(initialTrainState({ w: tf.scalar(1) }, optimizer), [{}, {}], trainStep(({ w }) => tf.square(w!), optimizer));
 * const seen = [];
 * for await (const { report } of withEvaluation(run, { every: 2, evaluate: async () => ({ accuracy: 0.5 }) })) seen.push(report.eval_accuracy);
 * seen; // => [undefined, 0.5]
 * ```
 */
export async function* withEvaluation(
  run: Run,
  options: EvaluationOptions,
): AsyncGenerator<StepResult, void, undefined> {
  assertOptions('withEvaluation', options, ['every', 'evaluate']);
  const { every, evaluate } = options;
  if (!Number.isInteger(every) || every < 1)
    throw new RangeError(`withEvaluation: every must be a whole number ≥ 1, got ${every}`);
  for await (const { state, report } of run) {
    if (state.step % every !== 0) {
      yield { state, report };
      continue;
    }
    const measured = Object.entries(await evaluate(state)).map(([name, value]) => [`eval_${name}`, value]);
    yield { state, report: { ...report, ...Object.fromEntries(measured) } };
  }
}
