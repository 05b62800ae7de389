import { assertOptions } from '@svo/mdp';
import { type MixedPrior, mixedPosterior, predictedScore } from './mixed-posterior.ts';
import { type BranchingNoise, gaussianPosterior, type Observed, type Posterior } from './posteriors.ts';

/** A child that there is. */
export interface Branch {
  /** Its own score and all below it, in the order they came. */
  readonly scores: readonly number[];
  /** The same as far as posteriors need it. */
  readonly all: Observed;
  /** Whether it can be gone into: an answer can't. */
  readonly open: boolean;
}

/** A node as whoever decides about its branching sees it. */
export interface Family {
  readonly children: readonly Branch[];
  /** Scores of its children when they were drawn, and of what came below them later. */
  readonly fresh: Observed;
  readonly deeper: Observed;
}

/** Whether a node gets a new child, `undefined`, or which of its children is gone into, by its place among them. At least one is open. */
export type Branching = (family: Family, noise: BranchingNoise) => number | undefined;

/**
 * AB-MCTS-A (“node aggregation”): wider or deeper by a draw from the posterior of what either has brought, then among the children by their own posteriors
 * (Inoue et al., 2503.04412, section 3.3).
 *
 * @param posterior {@link gaussianPosterior} by default, or `betaPosterior()`
 * @example
 * ```ts
 * import { betaPosterior, nodeAggregation } from '@svo/mcts';
 * typeof nodeAggregation(betaPosterior()); // => 'function'
 * ```
 */
export function nodeAggregation(posterior: Posterior = gaussianPosterior()): Branching {
  return ({ children, fresh, deeper }, noise) => {
    const believed = (observed: Observed): number => {
      const value = posterior(observed, noise);
      if (Number.isNaN(value)) throw new RangeError('abMcts: posterior must draw a number, got NaN');
      return value;
    };
    const wider = believed(fresh);
    if (!(believed(deeper) > wider)) return undefined;
    return largest(children.map(({ all, open }) => (open ? believed(all) : undefined)));
  };
}

/** Settings of {@link mixedModel}. */
export interface MixedModelOptions extends MixedPrior {
  /** Leaves alone what says the same again and again: children with so many scores, so large a share of which are equal to two digits; 4 and 0.75, or `false`. */
  readonly pruning?: { readonly scores?: number; readonly share?: number } | false;
}

/**
 * AB-MCTS-M (“mixed model”): one model of all children, y_ij ~ N(α_j, σ_y²), α_j ~ N(μ, σ_α²), μ ~ N(½, 0.2²), σ_α and σ_y half-normal of scale 0.2 and 0.3, for the
 * scores y_ij of child j and of all below it. Every open child and a new one draw a score to come from its posterior; the largest is taken (Inoue et al.,
 * 2503.04412, section 3.4; TreeQuest's numbers). A new child is believed in as far as children differ.
 *
 * TreeQuest samples the posterior by NUTS (PyMC). Here the deviations lie on a grid of 64 × 64 and the rest is normal given them: the same distribution, by a seed, in
 * milliseconds (compared in the tests). Where scores are equal to the last digit the model has no proper posterior (σ_y goes to 0): the grid ends at 1/400 of a scale, NUTS somewhere.
 *
 * @throws RangeError when a setting is not finite, a deviation is not > 0, a pruning is out of range, or an option is unknown
 * @example
 * ```ts
 * import { mixedModel, observe } from '@svo/mcts';
 * const branch = (...scores: number[]) => ({ scores, all: scores.reduce(observe, { count: 0, mean: 0, squares: 0 }), open: true });
 * const none = { count: 0, mean: 0, squares: 0 };
 * const family = { children: [branch(0.1, 0.2), branch(0.9, 0.8)], fresh: none, deeper: none };
 * // Noise in the middle everywhere: the better child.
 * mixedModel()(family, { uniform: () => 0.5, normal: () => 0, gamma: (shape) => shape }); // => 1
 * ```
 */
export function mixedModel(options: MixedModelOptions = {}): Branching {
  assertOptions('mixedModel', options, ['mean', 'meanDeviation', 'childDeviation', 'scoreDeviation', 'pruning']);
  const { mean = 0.5, meanDeviation = 0.2, childDeviation = 0.2, scoreDeviation = 0.3, pruning = {} } = options;
  if (!Number.isFinite(mean)) throw new RangeError(`mixedModel: mean must be a finite number, got ${mean}`);
  for (const [name, value] of Object.entries({ meanDeviation, childDeviation, scoreDeviation }))
    if (!(value > 0 && Number.isFinite(value)))
      throw new RangeError(`mixedModel: ${name} must be a finite number > 0, got ${value}`);
  const pruned = pruning === false ? () => false : prunedBy(pruning);
  const prior = { mean, meanDeviation, childDeviation, scoreDeviation };
  return ({ children }, noise) => {
    const posterior = mixedPosterior(
      children.map(({ all }) => all),
      prior,
    );
    const draws = children.map(({ all }) => predictedScore(posterior, all, noise));
    const wider = predictedScore(posterior, undefined, noise);
    const open = draws.map((draw, k) => (children[k]!.open ? draw : undefined));
    const best = largest(open);
    if (best === undefined || !(open[best]! > wider)) return undefined;
    // As TreeQuest has it: where the best has nothing new to say, the best of the other children is taken, a new one only where none is left.
    return largest(open.map((draw, k) => (pruned(children[k]!) ? undefined : draw)));
  };
}

/** The place of the largest number; the first of equals. */
function largest(numbers: readonly (number | undefined)[]): number | undefined {
  let best: number | undefined;
  for (const [k, x] of numbers.entries()) if (x !== undefined && (best === undefined || x > numbers[best]!)) best = k;
  return best;
}

function prunedBy(options: { readonly scores?: number; readonly share?: number }): (branch: Branch) => boolean {
  assertOptions('mixedModel: pruning', options, ['scores', 'share']);
  const { scores: fewest = 4, share = 0.75 } = options;
  if (!(Number.isInteger(fewest) && fewest > 0))
    throw new RangeError(`mixedModel: pruning.scores must be a positive integer, got ${fewest}`);
  if (!(share > 0 && share <= 1)) throw new RangeError(`mixedModel: pruning.share must be in (0, 1], got ${share}`);
  return ({ scores }) => {
    if (scores.length < fewest) return false;
    const counts = new Map<number, number>();
    for (const score of scores) {
      const rounded = halfToEven(100 * score);
      counts.set(rounded, (counts.get(rounded) ?? 0) + 1);
    }
    return Math.max(...counts.values()) / scores.length >= share;
  };
}

/** As Python rounds, in which the numbers are compared that this must agree with. */
function halfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
