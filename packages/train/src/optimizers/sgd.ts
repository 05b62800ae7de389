import { assertOptions } from '@svo/mdp';
import { tf } from '@svo/tensor';
import type { Params } from '../types.ts';
import { scheduleOf } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';
import type { Schedule } from './schedules.ts';

/**
 * Stochastic gradient descent with torch.optim.SGD's momentum: b ← μ·b + g (b = g at first), θ ← θ − η·b.
 * @param options `learningRate` η, a number or a schedule; `momentum` μ 0
 * @throws RangeError when momentum is not in [0, 1), or the rate is negative or not finite.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { sgd } from '@svo/train';
 * const { params } = sgd({ learningRate: 0.5 }).update({ gradients: { w: tf.scalar(2) }, params: { w: tf.scalar(1) }, state: {}, step: 0 });
 * (await params.w!.data())[0]; // => 0
 * ```
 */
export function sgd(options: { readonly learningRate: number | Schedule; readonly momentum?: number }): Optimizer {
  assertOptions('sgd', options, ['learningRate', 'momentum']);
  const { learningRate, momentum = 0 } = options;
  if (!(momentum >= 0 && momentum < 1)) throw new RangeError(`sgd: momentum must be in [0, 1), got ${momentum}`);
  const rateAt = scheduleOf('sgd', learningRate);
  return {
    name: 'sgd',
    init: () => (momentum > 0 ? { velocity: {} } : {}),
    update: ({ gradients, gradientScale = 1, params, state, step }) => {
      const rate = rateAt(step);
      const velocity = { ...(state.velocity as Params | undefined) };
      const next = { ...params };
      for (const [name, gradient] of Object.entries(gradients)) {
        const scaled = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale);
        const direction = velocity[name] ? tf.add(tf.mul(velocity[name], momentum), scaled) : scaled;
        if (momentum > 0) velocity[name] = direction;
        next[name] = tf.sub(params[name]!, tf.mul(direction, rate));
      }
      return { gradients, params: next, state: momentum > 0 ? { velocity } : {}, metrics: { learning_rate: rate } };
    },
  };
}
