import { assertOptions } from '@svo/mdp';

/** By how much log-weights are divided before particles are drawn anew: ≥ 1, and 1 changes nothing. `step` counts from 1, of at most `depth`. */
export type Temperature = (probabilities: readonly number[], step: number, depth: number) => number;

/**
 * Entropic annealing: early on, where few particles hold nearly all the weight, weights count less, so that a first impression of the value model
 * does not decide alone (as its_hub's EntropicParticleFiltering). With progress p = step / depth and ESS = 1 / Σ w²:
 *
 * T = 1 unless ESS/n < `threshold` and p < `until`; then by `'ess'` max(1, n/ESS·(1 − p)), by `'entropy'` max(1, 1 / (h + (1 − h)·p)), h the weights'
 * entropy over ln n.
 *
 * @param options `by` `'ess'`, `threshold` 0.5, `until` 0.5
 * @throws RangeError when a share is not in [0, 1] or an option is unknown
 * @example
 * ```ts
 * import { entropicAnnealing } from '@svo/mcts';
 * const temperature = entropicAnnealing();
 * [temperature([0.97, 0.01, 0.01, 0.01], 1, 8).toFixed(2), temperature([0.25, 0.25, 0.25, 0.25], 1, 8)]; // => ['3.29', 1]
 * ```
 */
export function entropicAnnealing(
  options: { readonly by?: 'ess' | 'entropy'; readonly threshold?: number; readonly until?: number } = {},
): Temperature {
  assertOptions('entropicAnnealing', options, ['by', 'threshold', 'until']);
  const { by = 'ess', threshold = 0.5, until = 0.5 } = options;
  if (by !== 'ess' && by !== 'entropy')
    throw new RangeError(`entropicAnnealing: by must be 'ess' | 'entropy', got ${JSON.stringify(by)}`);
  for (const [name, share] of Object.entries({ threshold, until }))
    if (!(share >= 0 && share <= 1))
      throw new RangeError(`entropicAnnealing: ${name} must be a number in [0, 1], got ${share}`);
  return (probabilities, step, depth) => {
    const n = probabilities.length;
    const progress = step / depth;
    const kept = probabilities.map((p) => Math.min(Math.max(p, SMALLEST), 1 - SMALLEST));
    const share = 1 / kept.reduce((sum, p) => sum + p * p, 0) / n;
    if (n < 2 || share >= threshold || progress >= until) return 1;
    if (by === 'ess') return Math.max(1, (1 / share) * (1 - progress));
    const entropy = kept.reduce((sum, p) => sum - p * Math.log(p), 0) / (n > 2 ? Math.log(n) : 1);
    return Math.max(1, 1 / (entropy + (1 - entropy) * progress));
  };
}

/** No probability counts as less, nor as more than 1 less this. */
const SMALLEST = 1e-7;
