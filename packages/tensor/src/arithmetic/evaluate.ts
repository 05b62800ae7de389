import { stopGradient } from '../gradients/stop-gradient.ts';
import { type Tensor, tf } from '../tf.ts';
import type { Arithmetic } from './arithmetic.ts';
import { computeOnHost } from './compute-on-host.ts';
import { deviceArithmetic } from './device-arithmetic.ts';
import { mapValues } from './host-values.ts';
import { runsOnHost } from './placement.ts';

/**
 * Runs a formula for its value alone: like `closedForm`, but the result is data. Nothing carries gradient, and the result may
 * be a scalar, a vector [R] or a matrix [R, C].
 *
 * @param inputs - named tensors: vectors [R], matrices [R, C] of one common C
 * @param shape - the shape of the result
 * @param formula - the value, for any arithmetic
 * @example
 * ```ts
 * import { evaluate, tf } from '@svo/tensor';
 * const x = tf.tensor2d([[1, 2], [3, 4]]);
 * evaluate({ x }, [2], (math, { x }) => math.rowSum(x)).arraySync(); // => [3, 7]
 * ```
 */
export function evaluate<K extends string>(
  inputs: Readonly<Record<K, Tensor>>,
  shape: readonly number[],
  formula: <A>(math: Arithmetic<A>, x: Readonly<Record<K, A>>) => A,
): Tensor {
  const columns = Object.values<Tensor>(inputs).find((tensor) => tensor.rank === 2)?.shape[1] ?? 1;
  // An empty batch never reaches a kernel of a GPU.
  if (!runsOnHost() && shape.includes(0)) return tf.zeros([...shape]);
  if (!runsOnHost()) return tf.tidy(() => formula(deviceArithmetic(columns), mapValues(inputs, asData)));
  if (shape.length === 0)
    return tf.scalar(computeOnHost(inputs, columns, (math, x) => ({ scalar: formula(math, x), arrays: [] })).scalar);
  return computeOnHost(inputs, columns, (math, x) => ({ scalar: 0, arrays: [{ value: formula(math, x), shape }] }))
    .arrays[0];
}

/** Detached, so that what is computed from it has no way back. */
const asData = (tensor: Tensor): Tensor =>
  stopGradient(tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32'));
