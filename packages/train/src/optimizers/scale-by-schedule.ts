import type { Optimizer } from './optimizer.ts';
import type { Schedule } from './schedules.ts';

/**
 * Multiplies the gradients by `schedule(step)`, by way of `gradientScale`: no copy is made. (A learning rate that changes is given to `adamw` or `sgd` directly.)
 * @throws RangeError when the schedule gives no finite number.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { linearSchedule, scaleBySchedule } from '@svo/train';
 * const half = scaleBySchedule(linearSchedule({ from: 1, steps: 10 }));
 * half.update({ gradients: { w: tf.scalar(3) }, params: {}, state: {}, step: 5 }).gradientScale; // => 0.5
 * ```
 */
export function scaleBySchedule(schedule: Schedule): Optimizer {
  return {
    name: 'scaleBySchedule',
    init: () => ({}),
    update: ({ gradients, gradientScale = 1, gradientNorm, params, state, step }) => {
      const scale = schedule(step);
      if (!Number.isFinite(scale))
        throw new RangeError(`scaleBySchedule: schedule must give finite numbers, got ${scale} at step ${step}`);
      return {
        gradients,
        gradientScale: gradientScale * scale,
        gradientNorm: gradientNorm === undefined ? undefined : gradientNorm * Math.abs(scale),
        params,
        state,
      };
    },
  };
}
