import type { BranchingNoise, Observed } from './posteriors.ts';

/** What the mixed model believes before it has seen a score. */
export interface MixedPrior {
  /** The mean score expected, of all children: 0.5. */
  readonly mean?: number;
  /** The deviation of that mean: 0.2. */
  readonly meanDeviation?: number;
  /** How far children lie apart, as the scale of a half-normal: 0.2. */
  readonly childDeviation?: number;
  /** How far scores below one child lie apart, as the scale of a half-normal: 0.3. */
  readonly scoreDeviation?: number;
}

/** A pair of deviations that may be so, and the normal that μ is then. */
interface Point {
  readonly weight: number;
  /** The weights up to and with this one. */
  readonly upTo: number;
  /** σ_α² and σ_y². */
  readonly between: number;
  readonly within: number;
  readonly mean: number;
  readonly variance: number;
}

/** Points of each deviation's grid, even in its logarithm. */
const points = 64;
/** A grid reaches from 1/400 of its half-normal's scale, below which nothing can be told, to five times it. */
const [lowest, highest] = [1 / 400, 5];

/**
 * The posterior of α_j ~ N(μ, σ_α²), y_ij ~ N(α_j, σ_y²) as numbers to draw from: both deviations on a grid, by their exact marginal likelihood (μ and the α_j
 * are normal given them, and are integrated out), their cumulated weights beside them.
 */
export function mixedPosterior(
  groups: readonly Observed[],
  { mean: priorMean, meanDeviation, childDeviation, scoreDeviation }: Required<MixedPrior>,
): readonly Point[] {
  const found: (Omit<Point, 'weight' | 'upTo'> & { readonly log: number })[] = [];
  for (const a of grid(childDeviation))
    for (const s of grid(scoreDeviation)) {
      const [between, within] = [a * a, s * s];
      // The grid is even in log σ: the density in σ times σ. Half-normal priors.
      let log = Math.log(a) + Math.log(s) - between / (2 * childDeviation ** 2) - within / (2 * scoreDeviation ** 2);
      let [precision, weighted] = [1 / meanDeviation ** 2, priorMean / meanDeviation ** 2];
      let squares = priorMean ** 2 / meanDeviation ** 2;
      for (const { count, mean, squares: around } of groups) {
        const variance = between + within / count;
        log -= ((count - 1) / 2) * Math.log(within) + around / (2 * within) + Math.log(variance) / 2;
        precision += 1 / variance;
        weighted += mean / variance;
        squares += mean ** 2 / variance;
      }
      log -= Math.log(precision) / 2 + (squares - weighted ** 2 / precision) / 2;
      found.push({ log, between, within, mean: weighted / precision, variance: 1 / precision });
    }
  const most = found.reduce((largest, { log }) => Math.max(largest, log), Number.NEGATIVE_INFINITY);
  const total = found.reduce((sum, { log }) => sum + Math.exp(log - most), 0);
  let upTo = 0;
  return found.map(({ log, ...point }) => {
    const weight = Math.exp(log - most) / total;
    upTo += weight;
    return { ...point, weight, upTo };
  });
}

const grid = (scale: number): readonly number[] =>
  Array.from({ length: points }, (_, k) => scale * lowest * (highest / lowest) ** ((k + 0.5) / points));

/** A score to come: below a child of which some were seen, or of a child that there is not yet. */
export function predictedScore(
  posterior: readonly Point[],
  child: Observed | undefined,
  noise: BranchingNoise,
): number {
  const { between, within, mean, variance } = pointAt(posterior, noise.uniform());
  const mu = mean + noise.normal() * Math.sqrt(variance);
  // Given μ a child is a normal of its own, seen through its scores.
  const [trust, seen] =
    child === undefined ? [0, 0] : [(child.count * between) / (child.count * between + within), child.mean];
  const alpha = mu + trust * (seen - mu) + noise.normal() * Math.sqrt(between * (1 - trust));
  return alpha + noise.normal() * Math.sqrt(within);
}

/** The point at a place in [0, 1) of the cumulated weights, by halves. */
function pointAt(posterior: readonly Point[], at: number): Point {
  // What rounding leaves at the end belongs to the last that has any weight.
  const place = Math.min(at, posterior.at(-1)!.upTo * (1 - Number.EPSILON));
  let [low, high] = [0, posterior.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (posterior[middle]!.upTo > place) high = middle;
    else low = middle + 1;
  }
  return posterior[low]!;
}
