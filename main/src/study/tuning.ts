/** The settings that were tried for every method: six each, on data seeds that nothing else uses. */
import { type Objective, type PolicyGradientName, policyGradients, type Settings } from '@svo/recipes';

/** What is tuned: every objective, and DVO with the outcome alone, which wants other settings. */
export type Tuned = Objective | 'dvo-outcome' | (typeof tunedAtFirst)[number];

/** DVO as it was tuned at first, its ends of steps unscored. */
export const tunedAtFirst = ['dvo-outcome-open-ends', 'dvo-response-open-ends', 'dvo-open-ends'] as const;

const common = { batchSize: 32, updates: 200 };
/** Sixteen pairs are thirty-two responses. */
const pairs = { batchSize: 16, updates: 200 };

const grid = (
  base: Pick<Settings, 'batchSize' | 'updates'>,
  betas: readonly number[],
  rates: readonly number[],
): readonly Settings[] => betas.flatMap((beta) => rates.map((learningRate) => ({ ...base, beta, learningRate })));

const clipped = grid(common, [0.01, 0.04], [1e-4, 3e-4, 1e-3]);
/** DVO's, whether its ends of steps are scored or not. */
const creditGrid = grid(common, [0.03, 0.1], [1e-4, 3e-4, 1e-3]);
const outcomeGrid = grid(common, [0.03, 0.1, 0.3], [3e-4, 1e-3]);

/** β by rate. RFT has no β and gets six rates. Each grid lies around the best of a first four, so that few bests are at an edge. */
export const tuningGrid: Readonly<Record<Tuned, readonly Settings[]>> = {
  rft: grid(common, [0], [1e-4, 2e-4, 3e-4, 1e-3, 3e-3, 6e-3]),
  dpo: grid(pairs, [0.1, 0.3], [1e-4, 3e-4, 1e-3]),
  'step-dpo': grid(pairs, [0.1, 0.3], [1e-4, 3e-4, 1e-3]),
  kto: grid(common, [0.1, 0.3, 1], [3e-4, 1e-3]),
  svpo: grid(pairs, [0.1, 0.3, 1], [3e-4, 1e-3]),
  dqo: grid(common, [0.03, 0.1, 0.3], [3e-4, 1e-3]),
  oreo: grid(common, [0.03, 0.1, 0.3], [3e-4, 1e-3]),
  dro: grid(common, [0.1, 0.3, 1], [3e-4, 1e-3]),
  grpo: clipped,
  vine: clipped,
  ...(Object.fromEntries(Object.keys(policyGradients).map((name) => [name, clipped])) as Record<
    PolicyGradientName,
    readonly Settings[]
  >),
  'prime-dvo': grid(common, [0.03, 0.1], [1e-4, 3e-4, 1e-3]),
  'prime-dqo': grid(common, [0.03, 0.1, 0.3], [3e-4, 1e-3]),
  'dvo-outcome': outcomeGrid,
  'dvo-response': creditGrid,
  dvo: creditGrid,
  'dvo-outcome-open-ends': outcomeGrid,
  'dvo-response-open-ends': creditGrid,
  'dvo-open-ends': creditGrid,
};

/** What the tuning chose where the credit is the outcome alone; the other methods' choices are `skippedStepsSettings`. */
export const outcomeSettings: Settings = { ...common, beta: 0.3, learningRate: 1e-3 };

/** What is trained on the chains, a task of its own. */
export type ChainsTuned = 'rft' | 'dpo' | 'step-dpo' | 'kto' | 'dvo-response' | 'dvo';

/** Two rates each at the firmer β, RFT four. */
export const chainsGrid: Readonly<Record<ChainsTuned, readonly Settings[]>> = {
  rft: grid(common, [0], [1e-4, 3e-4, 1e-3, 3e-3]),
  dpo: grid(pairs, [0.3], [3e-5, 1e-4]),
  'step-dpo': grid(pairs, [0.3], [3e-5, 1e-4]),
  kto: grid(common, [1], [3e-5, 1e-4]),
  'dvo-response': grid(common, [0.3], [1e-4, 3e-4]),
  dvo: grid(common, [0.3], [1e-4, 3e-4]),
};

/** What was chosen there, on the first tuning seed; the response's credit was not tried, and has what the steps' has. */
export const chainsSettings: Readonly<Record<ChainsTuned, Settings>> = {
  rft: { ...common, beta: 0, learningRate: 1e-4 },
  dpo: { ...pairs, beta: 0.3, learningRate: 3e-5 },
  'step-dpo': { ...pairs, beta: 0.3, learningRate: 3e-5 },
  kto: { ...common, beta: 1, learningRate: 1e-4 },
  'dvo-response': { ...common, beta: 0.3, learningRate: 1e-4 },
  dvo: { ...common, beta: 0.3, learningRate: 1e-4 },
};
