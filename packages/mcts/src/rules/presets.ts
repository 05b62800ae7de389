import { assertOptions, type Verifier } from '@svo/mdp';
import { defaults } from '../defaults.ts';
import { MOST_CHILDREN, MOST_DEPTH } from '../tree/tree.ts';
import { meanBackup, visitWeightedBackup } from './backup.ts';
import { firstPlayZero } from './first-play.ts';
import { meanTokenProb } from './prior.ts';
import type { Prior, Rewards, Rules, StopRule } from './rules.ts';
import { puct } from './select.ts';
import { anyOf, maxIterations } from './stop.ts';

/** What the presets let a caller change. */
export interface PresetOptions {
  /** Judges whole responses; needed for trees that learn from answers. */
  readonly verifier?: Verifier;
  /** How many leaves to expand. */
  readonly iterations?: number;
  /** K, candidates an expansion. */
  readonly breadth?: number;
  /** The most steps of a trajectory. */
  readonly depth?: number;
  /** PUCT's exploration constant. */
  readonly c?: number;
  /** Outcomes to be worth something else; `null` leaves an outcome out of every count. */
  readonly rewards?: Partial<Rewards>;
  /** A further reason to stop, beside the iterations. */
  readonly stop?: StopRule;
  /** π(a | s), {@link meanTokenProb} unless the policy gives no log-probs. */
  readonly prior?: Prior;
}

/**
 * ±1 by the papers' code: +1 for a correct answer, −1 for everything that is not one, a step cut off or a trajectory too
 * deep included. Only `lost`, where no model output ever arrived, is not counted: a server's failure says nothing of a step.
 *
 * @example
 * ```ts
 * import { outcomeSigns } from '@svo/mcts';
 * outcomeSigns.deep; // => -1
 * outcomeSigns.lost; // => null
 * ```
 */
export const outcomeSigns: Rewards = {
  correct: 1,
  wrong: -1,
  undecided: -1,
  cut: -1,
  deep: -1,
  unusable: -1,
  lost: null,
};

const KNOWN: readonly (keyof PresetOptions)[] = [
  'verifier',
  'iterations',
  'breadth',
  'depth',
  'c',
  'rewards',
  'stop',
  'prior',
];

const requireInteger = (name: string, argument: string, value: number, most: number): void => {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${name}: ${argument} must be an integer in [1, ${most}], got ${value}`);
  }
};

const preset = (name: string, options: PresetOptions, own: Pick<Rules, 'backup' | 'leafVisit'>, c: number): Rules => {
  assertOptions(name, options, KNOWN);
  const { iterations = 80, breadth = defaults.breadth, depth = defaults.depth, prior = meanTokenProb } = options;
  requireInteger(name, 'breadth', breadth, MOST_CHILDREN);
  requireInteger(name, 'depth', depth, MOST_DEPTH);
  assertOptions(`${name} rewards`, options.rewards ?? {}, Object.keys(outcomeSigns));
  const rewards = { ...outcomeSigns, ...options.rewards };
  for (const [outcome, reward] of Object.entries(rewards)) {
    if (reward !== null && !Number.isFinite(reward)) {
      throw new RangeError(`${name}: rewards.${outcome} must be a finite number or null, got ${reward}`);
    }
  }
  const limit = maxIterations(iterations);
  const select = puct({ c, firstPlay: firstPlayZero });
  return {
    id: `${name}(c=${c}, breadth=${breadth}, depth=${depth}, prior=${prior.name}, rewards=${JSON.stringify(rewards)})`,
    breadth,
    depth,
    select,
    prior,
    stop: options.stop === undefined ? limit : anyOf(limit, options.stop),
    rewards,
    ...(options.verifier === undefined ? {} : { verifier: options.verifier }),
    terminalVisits: 'once',
    ...own,
  };
};

/**
 * The search of DVO (2502.13723, section 4.4.1): PUCT with unvisited Q = 0, at most 80 expansions of 5 candidates, 8 steps
 * deep; only outcome rewards are propagated, V(s) = Σ N(s′)(r + V(s′)) / Σ N(s′).
 *
 * The paper expands "the top-k most probable actions". Here the policy draws `breadth` candidates, equal ones merge and keep
 * their count, and each terminal weighs as often as it was drawn: an estimate under the policy, where the k most probable
 * would each weigh 1. A policy that gives its k most probable steps once each searches as the paper says.
 *
 * @param options `iterations` 80, `breadth` 5, `depth` 8, `c` 1.5 (the code's default), `rewards` {@link outcomeSigns}
 * @throws RangeError for a setting out of range or unknown
 * @example
 * ```ts
 * import { dvoSearch } from '@svo/mcts';
 * dvoSearch().breadth; // => 5
 * ```
 */
export function dvoSearch(options: PresetOptions = {}): Rules {
  return preset('dvoSearch', options, { backup: visitWeightedBackup, leafVisit: false }, options.c ?? 1.5);
}

/**
 * SVPO's rule for further trees of a question (2406.10858, section 4.1 and appendix A.2), for `searchMany`'s `repeat`: until there
 * are four different right responses, or ten trees.
 *
 * @example
 * ```ts
 * import { svpoTrees } from '@svo/mcts';
 * svpoTrees; // => { trees: 10, solutions: 4 }
 * ```
 */
export const svpoTrees: { readonly trees: number; readonly solutions: number } = { trees: 10, solutions: 4 };

/**
 * SVPO's numbers for `extractPairs`: two siblings, a cousin and a terminal against each positive step (appendix A.2, "about
 * 1:4"), of at most four solutions a question (56,000 positive trajectories of 15,000 questions are 3.7 each).
 *
 * @example
 * ```ts
 * import { svpoPairs } from '@svo/mcts';
 * svpoPairs.positives; // => 4
 * ```
 */
export const svpoPairs: {
  readonly quotas: { readonly sibling: number; readonly cousin: number; readonly terminal: number };
  readonly positives: number;
} = { quotas: { sibling: 2, cousin: 1, terminal: 1 }, positives: 4 };

/**
 * The search of SVPO (2406.10858, section 3.1 and appendix A.2): PUCT with unvisited Q = 0, at most 60 expansions of 5
 * sampled candidates, 8 steps deep; a leaf is worth 0, its terminal children ±1, all backed up as a running mean.
 *
 * @param options `iterations` 60, `breadth` 5, `depth` 8, `c` 1.25, `rewards` {@link outcomeSigns}
 * @throws RangeError for a setting out of range or unknown
 * @example
 * ```ts
 * import { svpoSearch } from '@svo/mcts';
 * svpoSearch().leafVisit; // => true
 * ```
 */
export function svpoSearch(options: PresetOptions = {}): Rules {
  const iterations = options.iterations ?? 60;
  return preset(
    'svpoSearch',
    { ...options, iterations },
    { backup: meanBackup, leafVisit: true },
    options.c ?? defaults.exploration,
  );
}
