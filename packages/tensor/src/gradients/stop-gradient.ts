import { detach } from '../backend/internals.ts';
import type { Tensor } from '../tf.ts';

/**
 * sg[x]: the same numbers, no gradient. Copies nothing: the result is a second tensor over the same data (tfjs has no
 * stop-gradient of its own; a tensor made outside the tape is one).
 *
 * @param x - any shape
 * @example
 * ```ts
 * import { stopGradient, tf } from '@svo/tensor';
 * tf.grad((x) => tf.mul(x, stopGradient(x)))(tf.scalar(3)).dataSync()[0]; // => 3
 * ```
 */
export function stopGradient<T extends Tensor>(x: T): T {
  return detach(x);
}
