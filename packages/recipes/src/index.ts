// Answers: whole responses, judged or valued.

export { type AnswerByBeamsOptions, answerByBeams } from './answers/answer-by-beams.ts';
export {
  type Answered,
  type AnswerOptions,
  answerQuestions,
  type JudgedResponse,
} from './answers/answer-questions.ts';
export { type DrawTreesOptions, drawTrees } from './answers/draw-trees.ts';
export { type MeanInterval, meanInterval } from './answers/mean-interval.ts';
export { type Difference, pairedDifference, showDifference } from './answers/paired-difference.ts';
export { type Accuracy, showAccuracy, wilson } from './answers/wilson.ts';

// Likelihood.

export { rftPlan, type SupervisedText, supervisedPlan } from './likelihood/rft.ts';

// Any objective by its name, any loss by its manifest.

export { leavesValues, lossNames, lossPlan } from './loss-plan.ts';
export { type Objective, objectives, planFor } from './objectives.ts';
export { planOptimizer, planRate } from './optimizer.ts';
export type {
  CompletionRow,
  FrozenModel,
  JudgedTrajectory,
  Learner,
  Material,
  PairRow,
  Plan,
  ScoringModel,
  Settings,
} from './plan.ts';
export { defaultSettings, settingsFor } from './settings.ts';
export type { ManifestLoss } from './shared/any-loss.ts';
export { type MaterialMetrics, materialMetrics } from './shared/material-metrics.ts';

// Policy gradients: advantages on tokens.

export { type Advantages, amongResponses, inTrees } from './policy-gradient/advantages.ts';
export {
  grpoPlan,
  type PolicyGradient,
  type PolicyGradientBatch,
  policyGradientPlan,
  vinePlan,
} from './policy-gradient/policy-gradient.ts';
export { type PolicyGradientName, policyGradients } from './policy-gradient/variants.ts';

// Preference: pairs.

export type { Pairs } from './preference/pair-plan.ts';
export { dpoPlan, stepDpoPlan } from './preference/pairs.ts';
export { type SvpoPlanOptions, svpoPlan } from './preference/svpo.ts';

// Rows that others wrote, and a model to learn from them.

export { type LoadedLearner, loadLearner } from './rows/load-learner.ts';
export { type QuestionOptions, readQuestions } from './rows/read-questions.ts';
export { type RowMaterial, type RowOptions, rowMaterial } from './rows/row-material.ts';
export { type TreeOptions, treeMaterial } from './rows/tree-material.ts';

// Steps: credits.

export { type DvoPlanOptions, dvoPlan, dvoResponsePlan } from './steps/dvo.ts';

// The loop.

export { type TrainPlanOptions, trainPlan } from './train-plan.ts';

// Tokens: a value network beside the policy.

export { type DqoPlanOptions, dqoPlan } from './tokens/dqo.ts';
export { droPlan } from './tokens/dro.ts';
export { oreoPlan } from './tokens/oreo.ts';
export type { TokenBatch } from './tokens/token-batches.ts';
export type { TokenGrid } from './tokens/value-network.ts';

// Unpaired: labelled responses.

export { ktoPlan } from './unpaired/kto.ts';
export type { Labelled } from './unpaired/unpaired-plan.ts';

// Verifiers: process rewards that saw outcomes alone.

export { primeDqoPlan, primeDvoPlan, withImplicitCredits } from './verifiers/prime.ts';
