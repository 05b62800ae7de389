import { assertCounts, assertOptions, createRng, splitRng, uniforms } from '@svo/mdp';
import { CLOSED, ESTIMATED, KIND, TERMINAL, UNAVAILABLE } from '../tree/status.ts';
import type { Tree } from '../tree/tree.ts';
import { withRuleId } from './rule-id.ts';
import type { SelectionRule } from './rules.ts';

/** Settings of {@link gumbelHalving}. */
export interface GumbelHalvingOptions {
  /** The root visits to plan for: the budget that sequential halving divides. */
  readonly simulations: number;
  /** The most root steps to consider: 16. */
  readonly considered?: number;
  /** σ's factor: 0.1. */
  readonly valueScale?: number;
  /** σ's offset to the largest visit count: 50. */
  readonly visitOffset?: number;
  /** Whether Q is first mapped to [0, 1] by the least and the largest among the siblings: true. */
  readonly rescale?: boolean;
  /** Scale of the Gumbel noise at the root, drawn from the tree's seed: 1; 0 for none. */
  readonly noise?: number;
}

/**
 * Gumbel MuZero's search (Danihelka et al. 2022, "Policy improvement by planning with Gumbel"), for few visits and many
 * steps. Q of unvisited steps is completed by the mixed value (appendix D), v_mix = (v + Σ N · Σ π Q / Σ π) / (1 + Σ N),
 * and σ(Q) = (offset + max_b N(b)) · scale · Q.
 *
 * At the root, sequential halving: of `considered` steps with the largest g + ln π, those still in play are visited evenly,
 * and the worse half by g + ln π + σ(Q) drops out, round after round. Below it, a* = argmax_a π′(a) − N(a) / (1 + Σ N) with
 * π′ = softmax(ln π + σ(Q)), so that visits come to follow π′.
 *
 * Visits in flight count as visits, not in Q. Where a search backs up several visits at once or a step is exhausted, the
 * step in play whose count is next below the one due goes on. v is what V(s) holds beside the children's visits, which
 * needs `meanBackup`.
 *
 * @throws RangeError when a setting is out of its range
 * @example
 * ```ts
 * import { gumbelHalving, maxIterations, meanBackup, svpoSearch } from '@svo/mcts';
 * const select = gumbelHalving({ simulations: 16, considered: 4 });
 * const rules = { ...svpoSearch(), id: 'gumbel(16, 4)', select, backup: meanBackup, stop: maxIterations(16) };
 * typeof rules.select; // => 'function'
 * ```
 */
export function gumbelHalving(options: GumbelHalvingOptions): SelectionRule {
  assertOptions('gumbelHalving', options, KNOWN);
  const { simulations, considered = 16, valueScale = 0.1, visitOffset = 50, rescale = true, noise = 1 } = options;
  assertCounts('gumbelHalving', { simulations, considered });
  for (const [name, value] of Object.entries({ valueScale, visitOffset, noise })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`gumbelHalving: ${name} must be a finite number ≥ 0, got ${value}`);
    }
  }
  const plans = Array.from({ length: considered + 1 }, (_, arms) => halvingPlan(arms, simulations));
  const select: SelectionRule = (tree, node) => {
    const scores = improvedLogits(tree, node, { valueScale, visitOffset, rescale });
    if (node !== 0) return followPolicy(tree, node, scores);
    if (noise > 0) addNoise(tree, scores, noise);
    return halve(tree, node, scores, plans);
  };
  const numbers = { simulations, considered, valueScale, visitOffset, rescale, noise };
  return withRuleId(select, `gumbelHalving(${JSON.stringify(numbers)})`);
}

const KNOWN: readonly (keyof GumbelHalvingOptions)[] = [
  'simulations',
  'considered',
  'valueScale',
  'visitOffset',
  'rescale',
  'noise',
];

/** How many visits the step to visit next has, for each of `simulations` root visits: sequential halving's schedule. */
const halvingPlan = (arms: number, simulations: number): Int32Array => {
  const plan = new Int32Array(simulations);
  if (arms <= 1) return plan.map((_, at) => at);
  const rounds = Math.ceil(Math.log2(arms));
  for (let at = 0, left = arms, visits = 0; at < simulations; left = Math.max(2, left >> 1)) {
    const each = Math.max(1, Math.floor(simulations / (rounds * left)));
    for (let time = 0; time < each; time++, visits++) {
      plan.fill(visits, at, at + left);
      at += left;
    }
  }
  return plan;
};

/** ln π(a) + σ(Q(a)) of each child, Q completed. */
const improvedLogits = (
  tree: Tree,
  node: number,
  { valueScale, visitOffset, rescale }: Required<Pick<GumbelHalvingOptions, 'valueScale' | 'visitOffset' | 'rescale'>>,
): Float64Array => {
  const { visits, values, priors, statuses } = tree;
  const first = tree.firstChildren[node]!;
  const count = tree.childCounts[node]!;
  const isKnown = (child: number): boolean => visits[child]! > 0 || (statuses[child]! & ESTIMATED) !== 0;
  const mixed = mixedValue(tree, node);
  const scores = new Float64Array(count);
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    const child = first + at;
    const q = isKnown(child) ? values[child]! : mixed;
    scores[at] = q;
    most = Math.max(most, visits[child]!);
    least = Math.min(least, q);
    largest = Math.max(largest, q);
  }
  const scale = (visitOffset + most) * valueScale;
  const width = rescale ? Math.max(largest - least, 1e-8) : 1;
  const origin = rescale ? least : 0;
  return scores.map((q, at) => Math.log(priors[first + at]!) + (scale * (q - origin)) / width);
};

/** v_mix: the state's own evaluation and its visited children's values, weighted by their priors. */
const mixedValue = ({ visits, values, priors, firstChildren, childCounts }: Tree, node: number): number => {
  const first = firstChildren[node]!;
  const end = first + childCounts[node]!;
  let below = 0;
  let total = 0;
  let mass = 0;
  let weighted = 0;
  for (let child = first; child < end; child++) {
    const n = visits[child]!;
    if (n === 0) continue;
    const prior = Math.max(priors[child]!, Number.MIN_VALUE);
    below += n;
    total += n * values[child]!;
    mass += prior;
    weighted += prior * values[child]!;
  }
  const own = visits[node]! - below;
  if (below === 0) return values[node]!;
  return (visits[node]! * values[node]! - total + (below * weighted) / mass) / (own + below);
};

/** Gumbel(0, 1) draws, the same at every visit of the root: they sample the steps to consider without replacement. */
const addNoise = (tree: Tree, scores: Float64Array, noise: number): void => {
  const rng = splitRng(splitRng(createRng(tree.seed), 'gumbel'), tree.question.id);
  uniforms(rng, scores.length).forEach((u, at) => {
    scores[at]! -= noise * Math.log(-Math.log(u + Number.MIN_VALUE));
  });
};

const halve = (tree: Tree, node: number, scores: Float64Array, plans: readonly Int32Array[]): number => {
  const { visits, pending, statuses } = tree;
  const first = tree.firstChildren[node]!;
  let arms = 0;
  let done = 0;
  for (let child = first; child < first + scores.length; child++) {
    // A step that was an answer, or failed, was never in play.
    if ((statuses[child]! & KIND) === TERMINAL && (statuses[child]! & CLOSED) !== 0) continue;
    arms++;
    done += visits[child]! + pending[child]!;
  }
  const plan = plans[Math.min(arms, plans.length - 1)]!;
  const due = plan[Math.min(done, plan.length - 1)]!;
  let best = -1;
  let bestLag = 0;
  for (let child = first; child < first + scores.length; child++) {
    if ((statuses[child]! & UNAVAILABLE) !== 0) continue;
    const ahead = visits[child]! + pending[child]! - due;
    const lag = ahead <= 0 ? -ahead : 2 ** 32 + ahead;
    if (best === -1 || lag < bestLag || (lag === bestLag && scores[child - first]! > scores[best - first]!)) {
      best = child;
      bestLag = lag;
    }
  }
  return best;
};

const followPolicy = (tree: Tree, node: number, scores: Float64Array): number => {
  const { visits, pending, statuses } = tree;
  const first = tree.firstChildren[node]!;
  const top = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = scores.map((score) => Math.exp(score - top));
  const mass = weights.reduce((sum, weight) => sum + weight, 0);
  let total = 1;
  for (let at = 0; at < scores.length; at++) total += visits[first + at]! + pending[first + at]!;
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < scores.length; at++) {
    const child = first + at;
    if ((statuses[child]! & UNAVAILABLE) !== 0) continue;
    const score = weights[at]! / mass - (visits[child]! + pending[child]!) / total;
    if (best === -1 || score > bestScore) {
      best = child;
      bestScore = score;
    }
  }
  return best;
};
