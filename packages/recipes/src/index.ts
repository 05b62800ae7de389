// Likelihood.

export { rftPlan, type SupervisedText, supervisedPlan } from './likelihood/rft.ts';

// Any objective by its name.

export { type Objective, objectives, planFor } from './objectives.ts';
export { planOptimizer } from './optimizer.ts';
export type { Learner, Material, Plan, Settings } from './plan.ts';
export { defaultSettings } from './settings.ts';
export { materialMetrics } from './shared/material-metrics.ts';

// Policy gradients: advantages on tokens.

export { grpoPlan, type PolicyGradientBatch, vinePlan } from './policy-gradient/policy-gradient.ts';

// Preference: pairs.

export { dpoPlan, type Pairs, stepDpoPlan } from './preference/pairs.ts';
export { type SvpoPlanOptions, svpoPlan } from './preference/svpo.ts';

// Steps: credits.

export { dvoPlan, dvoResponsePlan } from './steps/dvo.ts';

// Tokens: a value network beside the policy.

export { type DqoPlanOptions, dqoPlan } from './tokens/dqo.ts';
export { droPlan } from './tokens/dro.ts';
export { oreoPlan } from './tokens/oreo.ts';
export type { TokenBatch } from './tokens/token-batches.ts';
export type { TokenGrid } from './tokens/value-network.ts';

// Unpaired: labelled responses.

export { ktoPlan } from './unpaired/kto.ts';
