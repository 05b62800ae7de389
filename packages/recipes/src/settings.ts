import { lossNamed } from './loss-plan.ts';
import type { Objective } from './objectives.ts';
import type { Settings } from './plan.ts';
import { type PolicyGradientName, policyGradients } from './policy-gradient/variants.ts';

const common = { batchSize: 32, updates: 200 };
const clipped = { ...common, beta: 0.04, learningRate: 3e-4 };

/**
 * Settings to begin with: of six tried for each of RFT, DPO, Step-DPO, KTO and DVO, those with the best mean of greedy and
 * sampled accuracy on two tuning seeds of the skipped-steps task, with a decoder of sixty thousand weights (docs/study.md has
 * all that was tried); of six on one tuning seed for SVPO, DQO and OREO. DRO's worked and were not tuned,
 * GRPO and the other policy gradients have the β of GRPO's paper and the others' rate. Rates are a small model's; one of
 * billions wants a hundredth of them.
 *
 * @example
 * ```ts
 * import { defaultSettings } from '@svo/recipes';
 * defaultSettings.dvo.beta; // => 0.03
 * ```
 */
export const defaultSettings: Readonly<Record<Objective, Settings>> = {
  rft: { ...common, beta: 0, learningRate: 2e-4 },
  dpo: { ...common, beta: 0.1, learningRate: 3e-4, batchSize: 16 },
  'step-dpo': { ...common, beta: 0.3, learningRate: 3e-4, batchSize: 16 },
  kto: { ...common, beta: 1, learningRate: 1e-3 },
  'dvo-response': { ...common, beta: 0.03, learningRate: 3e-4 },
  dvo: { ...common, beta: 0.03, learningRate: 3e-4 },
  svpo: { ...common, beta: 1, learningRate: 3e-4, batchSize: 16 },
  dqo: { ...common, beta: 0.1, learningRate: 3e-4 },
  oreo: { ...common, beta: 0.1, learningRate: 3e-4 },
  dro: { ...common, beta: 0.1, learningRate: 3e-4 },
  grpo: clipped,
  vine: clipped,
  ...(Object.fromEntries(Object.keys(policyGradients).map((name) => [name, clipped])) as Record<
    PolicyGradientName,
    Settings
  >),
  'prime-dvo': { ...common, beta: 0.05, learningRate: 3e-4 },
  'prime-dqo': { ...common, beta: 0.1, learningRate: 3e-4 },
};

/**
 * Settings to begin with for any name that `planFor` takes: a loss without a recipe gets the β of its own default.
 *
 * @throws RangeError when there is no objective of this name
 * @example
 * ```ts
 * import { settingsFor } from '@svo/recipes';
 * settingsFor('simpo').beta; // => 10
 * ```
 */
export function settingsFor(objective: string): Settings {
  if (Object.hasOwn(defaultSettings, objective)) return defaultSettings[objective as Objective];
  const loss = lossNamed(objective);
  if (loss === undefined) throw new RangeError(`settingsFor: there is no objective '${objective}'`);
  const { family } = loss.manifest;
  if (family === 'likelihood') return defaultSettings.rft;
  if (family === 'steps') return { ...defaultSettings.dvo, beta: 0.1 };
  const beta = loss.manifest.options.beta?.initial;
  return { ...defaultSettings.dpo, beta: typeof beta === 'number' ? beta : defaultSettings.grpo.beta };
}
