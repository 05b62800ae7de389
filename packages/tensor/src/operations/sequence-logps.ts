import { assertShapes } from '../shapes/assert-shapes.ts';
import { type Tensor, tf } from '../tf.ts';
import { whereValid } from './where-valid.ts';

/**
 * Σ_t logps over the tokens where mask > 0: the log-probability of each row's completion. A sum, never a mean.
 *
 * @param logps - [B, T], nats, from `tokenLogps`
 * @param mask - [B, T], 1 on the tokens that count
 * @returns [B], nats; 0 for a row without valid tokens
 * @throws ShapeError when the shapes differ
 * @example
 * ```ts
 * import { sequenceLogps, tf } from '@svo/tensor';
 * sequenceLogps(tf.tensor2d([[-1, -2, -4]]), tf.tensor2d([[0, 1, 1]])).arraySync(); // => [-6]
 * ```
 */
export function sequenceLogps(logps: Tensor, mask: Tensor): Tensor {
  const { B } = assertShapes('sequenceLogps', { logps: [logps, 'B T'], mask: [mask, 'B T'] });
  // WebGPU refuses a buffer of no bytes.
  if (logps.size === 0) return tf.zeros([B]);
  return tf.sum(whereValid(mask, logps), 1);
}
