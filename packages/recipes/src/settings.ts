import { lossNamed } from './loss-plan.ts';
import type { Objective } from './objectives.ts';
import type { Settings } from './plan.ts';

const common = { batchSize: 32, updates: 200 };
const gradient = (beta: number, learningRate: number): Settings => ({ ...common, beta, learningRate });

/**
 * Settings to begin with: of six tried for each of RFT, KTO and DVO, those with the best mean of greedy and
 * sampled accuracy on two tuning seeds of the skipped-steps task, with a decoder of sixty thousand weights (docs/study.md has
 * all that was tried); of six on one tuning seed for SVPO, DQO, OREO, the policy gradients and those on PRIME's rewards. DRO's
 * worked and were not tuned. DPO's and Step-DPO's are gentler than what was best there, which ended another task's model
 * (docs/hyper-parameters.md has both). A clipped surrogate on draws that are not renewed hardly moves at any of its six: what was chosen
 * among them was chosen by a point or two. Rates are a small model's; one of billions wants a hundredth of them.
 *
 * @example
 * ```ts
 * import { defaultSettings } from '@svo/recipes';
 * defaultSettings.dvo.beta; // => 0.03
 * ```
 */
export const defaultSettings: Readonly<Record<Objective, Settings>> = {
  rft: { ...common, beta: 0, learningRate: 2e-4 },
  dpo: { ...common, beta: 0.3, learningRate: 3e-5, batchSize: 16 },
  'step-dpo': { ...common, beta: 0.3, learningRate: 3e-5, batchSize: 16 },
  kto: { ...common, beta: 1, learningRate: 1e-3 },
  'dvo-response': { ...common, beta: 0.03, learningRate: 3e-4 },
  dvo: { ...common, beta: 0.03, learningRate: 3e-4 },
  svpo: { ...common, beta: 1, learningRate: 3e-4, batchSize: 16 },
  dqo: { ...common, beta: 0.1, learningRate: 3e-4 },
  oreo: { ...common, beta: 0.1, learningRate: 3e-4 },
  dro: { ...common, beta: 0.1, learningRate: 3e-4 },
  grpo: gradient(0.01, 3e-4),
  vine: gradient(0.01, 3e-4),
  dapo: gradient(0.01, 1e-3),
  'dr-grpo': gradient(0.04, 3e-4),
  gspo: gradient(0.01, 1e-3),
  cispo: gradient(0.01, 3e-4),
  tis: gradient(0.01, 3e-4),
  rloo: gradient(0.04, 3e-4),
  'step-cispo': gradient(0.01, 3e-4),
  spo: gradient(0.01, 1e-4),
  treerl: gradient(0.01, 1e-4),
  'tree-grpo': gradient(0.01, 3e-4),
  treerpo: gradient(0.01, 1e-4),
  tempo: gradient(0.04, 3e-4),
  pav: gradient(0.01, 1e-4),
  pure: gradient(0.04, 3e-4),
  'prime-dvo': { ...common, beta: 0.1, learningRate: 1e-3 },
  'prime-dqo': { ...common, beta: 0.3, learningRate: 3e-4 },
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
