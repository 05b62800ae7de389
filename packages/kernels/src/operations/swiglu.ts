import { type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireShape } from '../shapes.ts';

/**
 * The gate of a SwiGLU feed-forward block: y = gate · σ(gate) · up, elementwise.
 * Shazeer 2020, "GLU Variants Improve Transformer", eq. 6 (Swish₁).
 *
 * @param gate `[N, F]`.
 * @param up `[N, F]`.
 * @returns `[N, F]`.
 * @throws ShapeError when the shapes differ.
 *
 * @example
 * ```ts
 * import { swiglu } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const y = swiglu(tf.tensor2d([[0, 1]]), tf.tensor2d([[5, 2]]));
 * Array.from(y.dataSync(), (v) => v.toFixed(4)); // => ['0.0000', '1.4621']
 * ```
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  requireShape('swiglu', 'gate', gate, [-1, -1]);
  requireShape('swiglu', 'up', up, gate.shape);
  if (!hasKernel('SvoSwiglu')) return composite(gate, up);
  return tf.customGrad((g, u, save) => {
    (save as tf.GradSaveFunc)([g as Tensor, u as Tensor]);
    return {
      value: runKernel('SvoSwiglu', { gate: g as Tensor, up: u as Tensor })[0]!,
      gradFunc: (dy: Tensor, [savedGate, savedUp]: Tensor[]) =>
        runKernel('SvoSwigluGradient', { dy, gate: savedGate!, up: savedUp! }),
    };
  })(gate, up);
}

/** gate · σ(gate) · up, elementwise: plain tfjs, on every backend. */
function composite(gate: Tensor, up: Tensor): Tensor {
  return tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);
}
