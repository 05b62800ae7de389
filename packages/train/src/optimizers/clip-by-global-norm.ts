import { globalNorm, tf } from '@svo/tensor';
import { mapParams } from '../params.ts';
import type { Optimizer } from './optimizer.ts';

/** torch's guard against division by zero in `clip_grad_norm_`; kept so that the two agree to the last bit that counts. */
const guard = 1e-6;

/**
 * Scales all gradients by `min(1, maxNorm / (‖g‖₂ + 1e-6))`, ‖g‖₂ over all of them together (Pascanu et al.,
 * arXiv 1211.5063, Algorithm 1; torch's `clip_grad_norm_`). Directions are kept. Nothing is touched when the norm is small.
 * @throws RangeError when `maxNorm` is not > 0.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { clipByGlobalNorm } from '@svo/train';
 * const clip = clipByGlobalNorm(1);
 * const { gradients } = clip.update({ gradients: { w: tf.tensor1d([3, 4]) }, params: {}, state: {}, step: 0 });
 * [...(await gradients.w!.data())].map((x) => Number(x.toFixed(4))); // => [0.6, 0.8]
 * ```
 */
export function clipByGlobalNorm(maxNorm: number): Optimizer {
  if (!(maxNorm > 0))
    throw new RangeError(`clipByGlobalNorm: maxNorm must be > 0, got ${maxNorm} (1 is the usual choice)`);
  return {
    name: 'clipByGlobalNorm',
    init: () => ({}),
    update: ({ gradients, gradientScale = 1, gradientNorm, params, state }) => {
      if (gradientNorm !== undefined) {
        const scale = Math.min(1, maxNorm / (gradientNorm + guard));
        return {
          gradients,
          gradientScale: gradientScale * scale,
          gradientNorm: gradientNorm * scale,
          params,
          state,
        };
      }
      // Not known on the host: the whole of it happens on the device, without waiting.
      const norm = tf.mul(globalNorm(gradients), Math.abs(gradientScale));
      const scale = tf.mul(tf.minimum(tf.div(maxNorm, tf.add(norm, guard)), 1), gradientScale);
      return { gradients: mapParams(gradients, (gradient) => tf.mul(gradient, scale)), params, state };
    },
  };
}
