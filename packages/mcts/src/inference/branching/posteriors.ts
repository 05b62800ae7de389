import { assertOptions } from '@svo/mdp';

/** Scores as far as a posterior needs them: how many, their mean, and Σ (x − mean)². */
export interface Observed {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** Random numbers that a posterior's draw is made of. */
export interface Noise {
  /** N(0, 1). */
  readonly normal: () => number;
  /** Gamma of this shape and rate 1. */
  readonly gamma: (shape: number) => number;
}

/** Random numbers that a branching is decided by. */
export interface BranchingNoise extends Noise {
  /** In [0, 1). */
  readonly uniform: () => number;
}

/** What is believed of a mean score after some scores, as a draw: Thompson sampling takes whoever draws the largest. */
export type Posterior = (observed: Observed, noise: Noise) => number;

/** Nothing seen yet. */
export const nothingObserved: Observed = { count: 0, mean: 0, squares: 0 };

/** One score more (Welford). */
export function observe({ count, mean, squares }: Observed, score: number): Observed {
  const moved = score - mean;
  const next = mean + moved / (count + 1);
  return { count: count + 1, mean: next, squares: squares + moved * (score - next) };
}

/** What the normal-inverse-χ² prior of {@link gaussianPosterior} believes before it has seen a score. */
export interface GaussianPrior {
  /** The mean score expected: 0. */
  readonly mean?: number;
  /** How many scores that is worth, κ: 1. */
  readonly meanWeight?: number;
  /** The variance of scores expected, τ²: 0.1. */
  readonly variance?: number;
  /** How many scores that is worth, ν: 1. */
  readonly varianceWeight?: number;
}

/**
 * Scores around a mean, both unknown: σ² ~ ν′τ′²/2 / Gamma(ν′/2), μ ~ N(m′, σ²/κ′), with κ′ = κ + n, ν′ = ν + n, m′ = (κm + n x̄)/κ′ and
 * ν′τ′² = ντ² + Σ(x − x̄)² + nκ/κ′·(m − x̄)² (Murphy 2023, 3.4.3.3). TreeQuest's default, with its numbers, for scores in [0, 1].
 *
 * @throws RangeError when a setting is not finite, a weight or the variance not > 0, or an option is unknown
 * @example
 * ```ts
 * import { gaussianPosterior } from '@svo/mcts';
 * const noise = { normal: () => 1, gamma: (shape: number) => shape };
 * gaussianPosterior()({ count: 3, mean: 0.8, squares: 0 }, noise).toFixed(4); // => '0.7904'
 * ```
 */
export function gaussianPosterior(prior: GaussianPrior = {}): Posterior {
  assertOptions('gaussianPosterior', prior, ['mean', 'meanWeight', 'variance', 'varianceWeight']);
  const { mean: m = 0, meanWeight: kappa = 1, variance = 0.1, varianceWeight: nu = 1 } = prior;
  if (!Number.isFinite(m)) throw new RangeError(`gaussianPosterior: mean must be a finite number, got ${m}`);
  assertPositive('gaussianPosterior', { meanWeight: kappa, variance, varianceWeight: nu });
  return ({ count, mean, squares }, { normal, gamma }) => {
    const weight = kappa + count;
    const scatter = nu * variance + squares + ((count * kappa) / weight) * (m - mean) ** 2;
    const sigmaSquare = scatter / 2 / gamma((nu + count) / 2);
    return (kappa * m + count * mean) / weight + normal() * Math.sqrt(sigmaSquare / weight);
  };
}

/** What the prior of {@link betaPosterior} counts as seen. */
export interface BetaPrior {
  /** Right answers: ½, Jeffreys' prior. */
  readonly right?: number;
  /** Wrong ones: ½. */
  readonly wrong?: number;
}

/**
 * A chance of being right from scores in [0, 1]: Beta(a + Σx, b + Σ(1 − x)), drawn as a quotient of gammas. TreeQuest's other posterior, with its numbers.
 *
 * @throws RangeError when a count is not > 0 or an option is unknown; its draws throw one where the scores' mean is outside [0, 1]
 * @example
 * ```ts
 * import { betaPosterior } from '@svo/mcts';
 * const noise = { normal: () => 0, gamma: (shape: number) => shape };
 * betaPosterior()({ count: 3, mean: 1, squares: 0 }, noise); // => 0.875
 * ```
 */
export function betaPosterior(prior: BetaPrior = {}): Posterior {
  assertOptions('betaPosterior', prior, ['right', 'wrong']);
  const { right = 0.5, wrong = 0.5 } = prior;
  assertPositive('betaPosterior', { right, wrong });
  return ({ count, mean }, { gamma }) => {
    if (!(mean >= 0 && mean <= 1))
      throw new RangeError(`betaPosterior: scores must be in [0, 1], got a mean of ${mean} (map values of ±1 first)`);
    const [a, b] = [gamma(right + count * mean), gamma(wrong + count * (1 - mean))];
    return a / (a + b);
  };
}

function assertPositive(caller: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers))
    if (!(value > 0 && Number.isFinite(value)))
      throw new RangeError(`${caller}: ${name} must be a finite number > 0, got ${value}`);
}
