import { customGradient } from '../gradients/custom-gradient.ts';
import { type Tensor, tf } from '../tf.ts';
import { accurateLog1p } from './log1p.ts';

/**
 * log(1 + eˣ), elementwise, as max(x, 0) + log1p(e^{−|x|}): exact for large x, never 0 for small x where eˣ is not, and
 * NaN stays NaN. The gradient is σ(x).
 *
 * @param x - any shape
 * @example
 * ```ts
 * import { softplus, tf } from '@svo/tensor';
 * softplus(tf.tensor1d([-1000, 0, 1000])).arraySync(); // => [0, 0.6931471824645996, 1000]
 * ```
 */
export function softplus<T extends Tensor>(x: T): T {
  return customGradient([x], ([input], save) => {
    save([input]);
    const value = tf.add(tf.maximum(input, 0), accurateLog1p(tf.exp(tf.neg(tf.abs(input)))));
    return { value, gradFunc: (dy, [saved]) => [tf.mul(dy, tf.sigmoid(saved!))] };
  }) as T;
}

/**
 * log σ(x) = −softplus(−x), elementwise; never −∞ for a finite x. The gradient is σ(−x).
 *
 * @param x - any shape
 * @example
 * ```ts
 * import { logSigmoid, tf } from '@svo/tensor';
 * logSigmoid(tf.tensor1d([-800, 0, 800])).arraySync(); // => [-800, -0.6931471824645996, 0]
 * ```
 */
export function logSigmoid<T extends Tensor>(x: T): T {
  return tf.neg(softplus(tf.neg(x))) as T;
}
