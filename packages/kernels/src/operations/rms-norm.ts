import { type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireShape } from '../shapes.ts';

/**
 * Root-mean-square normalisation: y = x / √(mean(x²) + ε) · weight, row by row.
 * Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4; ε inside the root as in Llama.
 *
 * @param x `[N, D]`.
 * @param weight `[D]`.
 * @param epsilon added to the mean square; default 1e-5. At least 0.
 * @returns `[N, D]`.
 * @throws ShapeError on other shapes; RangeError on a negative `epsilon`.
 *
 * @example
 * ```ts
 * import { rmsNorm } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const y = rmsNorm(tf.tensor2d([[3, -3]]), tf.tensor1d([1, 2]), 0);
 * Array.from(y.dataSync()); // => [1, -2]
 * ```
 */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon = 1e-5): Tensor {
  requireShape('rmsNorm', 'x', x, [-1, -1]);
  requireShape('rmsNorm', 'weight', weight, [x.shape[1]!]);
  if (!(epsilon >= 0)) throw new RangeError(`rmsNorm: epsilon must be ≥ 0, got ${epsilon} (Llama uses 1e-5 or 1e-6)`);
  if (!hasKernel('SvoRmsNorm')) return composite(x, weight, epsilon);
  return tf.customGrad((input, scale, save) => {
    const [y, inverse] = runKernel('SvoRmsNorm', { x: input as Tensor, weight: scale as Tensor }, { epsilon });
    (save as tf.GradSaveFunc)([input as Tensor, scale as Tensor, inverse!]);
    return {
      value: y!,
      gradFunc: (dy: Tensor, [savedX, savedWeight, savedInverse]: Tensor[]) =>
        runKernel('SvoRmsNormGradient', { dy, x: savedX!, weight: savedWeight!, inverse: savedInverse! }),
    };
  })(x, weight);
}

/** x / √(mean(x²) + ε) · weight over the last axis of `x` [N, D]: plain tfjs, on every backend. */
function composite(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
  return tf.mul(tf.mul(x, inverse), weight);
}
