import { assertOptions } from '@svo/mdp';
import { tf } from '@svo/tensor';
import { mapParams } from '../params.ts';
import type { Optimizer } from './optimizer.ts';

/**
 * Adds λ·θ to the gradients, the classic L2 penalty: before `sgd` it is torch's `weight_decay`. (`adamw` has its own, decoupled decay.)
 * @param options `decays`: which parameters, by name (default: all)
 * @throws RangeError when `weightDecay` is negative or not finite.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { addDecayedWeights } from '@svo/train';
 * const { gradients } = addDecayedWeights(0.5).update({ gradients: { w: tf.scalar(1) }, params: { w: tf.scalar(4) }, state: {}, step: 0 });
 * (await gradients.w!.data())[0]; // => 3
 * ```
 */
export function addDecayedWeights(
  weightDecay: number,
  options: { readonly decays?: (name: string) => boolean } = {},
): Optimizer {
  assertOptions('addDecayedWeights', options, ['decays']);
  const { decays = () => true } = options;
  if (!(weightDecay >= 0 && Number.isFinite(weightDecay)))
    throw new RangeError(`addDecayedWeights: weightDecay must be finite and ≥ 0, got ${weightDecay}`);
  return {
    name: 'addDecayedWeights',
    init: () => ({}),
    update: ({ gradients, gradientScale = 1, params, state }) => ({
      gradients: mapParams(gradients, (gradient, name) => {
        const scaled = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale);
        return decays(name) ? tf.add(scaled, tf.mul(params[name]!, weightDecay)) : scaled;
      }),
      params,
      state,
    }),
  };
}
