/** Scalar functions of the reference, in float64, stable where the textbook form is not. */

/**
 * log(1 + eˣ), without overflow.
 *
 * Shapes: a number.
 * @example
 * ```ts
 * import { softplus } from '@svo/losses/reference';
 * softplus(800); // => 800
 * ```
 */
export const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

/**
 * log σ(x) = −softplus(−x), without underflow.
 *
 * Shapes: a number.
 * @example
 * ```ts
 * import { logSigmoid } from '@svo/losses/reference';
 * logSigmoid(-800); // => -800
 * ```
 */
export const logSigmoid = (x: number): number => -softplus(-x);

/**
 * σ(x) = 1/(1 + e^{−x}); write 1 − σ(x) as σ(−x), which keeps its digits.
 *
 * Shapes: a number.
 * @example
 * ```ts
 * import { sigmoid } from '@svo/losses/reference';
 * sigmoid(0); // => 0.5
 * ```
 */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** Σ, with Neumaier's correction, so that the reference's sums do not depend on the order of rows. */
export function sum(terms: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const term of terms) {
    const next = total + term;
    if (!Number.isFinite(next)) return terms.reduce((a, b) => a + b, 0);
    lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
  }
  return total + lost;
}
