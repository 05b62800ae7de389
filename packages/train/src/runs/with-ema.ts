import { assertOptions } from '@svo/mdp';
import { tf } from '@svo/tensor';
import { copyParams, disposeTensors, mapParams } from '../params.ts';
import type { Params, TrainStep } from '../types.ts';

/**
 * Keeps an exponential moving average of the weights in `state.ema`: ema ← decay·ema + (1 − decay)·θ after every update,
 * starting from the weights before the first one (Polyak & Juditsky 1992; torch's `get_ema_multi_avg_fn`). It is saved and
 * resumed with the state. Evaluate it with `evaluate(loss, state.ema, …)`.
 * @throws RangeError when `decay` is not in [0, 1).
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, trainStep, withEma } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.5 });
 * const step = withEma(trainStep(({ w }) => tf.square(w!), optimizer), { decay: 0.75 });
 * const { state } = await step(initialTrainState({ w: tf.scalar(1) }, optimizer), {});
 * (await state.ema!.w!.data())[0]; // => 0.75
 * ```
 */
export function withEma<B>(step: TrainStep<B>, options: { readonly decay: number }): TrainStep<B> {
  assertOptions('withEma', options, ['decay']);
  const { decay } = options;
  if (!(decay >= 0 && decay < 1))
    throw new RangeError(`withEma: decay must be in [0, 1), got ${decay} (0.999 is usual)`);
  return async (state, batch) => {
    const before = state.ema ?? copyParams(state.params);
    try {
      const { state: after, report } = await step(state, batch);
      const ema = average(before, after.params, decay);
      disposeTensors(before);
      return { state: { ...after, ema }, report };
    } catch (error) {
      if (!state.ema) disposeTensors(before);
      throw error;
    }
  };
}

/** `decay·before + (1 − decay)·now`; a parameter that is new joins with its present value. */
function average(before: Params, now: Params, decay: number): Params {
  return mapParams(now, (param, name) =>
    tf.tidy(() => (before[name] ? tf.add(tf.mul(before[name], decay), tf.mul(param, 1 - decay)) : tf.mul(param, 1))),
  );
}
