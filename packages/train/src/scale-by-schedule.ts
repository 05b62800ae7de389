import { tf } from '@svo/tensor';
import type { Optimizer } from './optimizer.ts';
import { mapParams } from './params.ts';
import type { Schedule } from './schedules.ts';

/**
 * Multiplies the gradients by `schedule(step)`. (A learning rate that changes is given to `adamw` or `sgd` directly.)
 * @throws RangeError when the schedule gives no finite number.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { linear, scaleBySchedule } from '@svo/train';
 * const half = scaleBySchedule(linear({ from: 1, steps: 10 }));
 * const { gradients } = half.update({ gradients: { w: tf.scalar(3) }, params: {}, state: {}, step: 5 });
 * (await gradients.w.data())[0]; // => 1.5
 * ```
 */
export function scaleBySchedule(schedule: Schedule): Optimizer {
  return {
    name: 'scaleBySchedule',
    init: () => ({}),
    update: ({ gradients, gradientNorm, params, state, step }) => {
      const scale = schedule(step);
      if (!Number.isFinite(scale))
        throw new RangeError(`scaleBySchedule: schedule must give finite numbers, got ${scale} at step ${step}`);
      return {
        gradients: mapParams(gradients, (gradient) => tf.mul(gradient, scale)),
        gradientNorm: gradientNorm === undefined ? undefined : gradientNorm * Math.abs(scale),
        params,
        state,
      };
    },
  };
}
