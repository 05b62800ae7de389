import { offTape } from '../backend/internals.ts';

/**
 * Runs `f` without recording it for differentiation: what it returns carries no gradient, and nothing it computes on the way
 * is kept for a backward pass. For a reference model inside a loss, where `stopGradient` on the result would still have
 * kept all its activations.
 *
 * @param f - any computation; its value is handed through
 * @example
 * ```ts
 * import { tf, withoutGradient } from '@svo/tensor';
 * tf.grad((x) => tf.mul(x, withoutGradient(() => tf.square(x))))(tf.scalar(3)).dataSync()[0]; // => 9
 * ```
 */
export function withoutGradient<T>(f: () => T): T {
  return offTape(f);
}
