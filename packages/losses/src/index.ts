// Likelihood: imitation and value regression.

export { type ClippedValueInputs, type ClippedValueOptions, clippedValueLoss } from './likelihood/clipped-value.ts';
export { dftLoss } from './likelihood/dft.ts';
export { type OutcomeValueOptions, outcomeValueLoss } from './likelihood/outcome-value.ts';
export { type SftInputs, type SftOptions, sftLoss } from './likelihood/sft.ts';
export { type ValueInputs, type ValueOptions, valueLoss } from './likelihood/value.ts';

// What a loss says of itself.

export type { InputSpec, InputSpecs, Kind, Loss, Manifest, OptionSpecs } from './manifest/manifest.ts';
export type { OptionSpec } from './manifest/options.ts';

// Metrics: one definition a key.

export { type CalibrationOptions, calibrationError } from './metrics/calibration-error.ts';
export { explainedVariance } from './metrics/explained-variance.ts';
export type { Metrics } from './metrics/means.ts';
export { pairMetrics } from './metrics/pair-metrics.ts';
export { policyGradientMetrics } from './metrics/policy-gradient-metrics.ts';
export { stepMetrics } from './metrics/step-metrics.ts';
export { type UnpairedLogps, unpairedMetrics } from './metrics/unpaired-metrics.ts';
export { valueMetrics } from './metrics/value-metrics.ts';

// Settings of the papers.

export { paperPresets } from './paper-presets.ts';
export { type PaperRate, paperRates } from './paper-rates.ts';

// Policy gradients on tokens.

export { type CispoOptions, cispoLoss } from './policy-gradient/cispo.ts';
export type { ClipOptions, PolicyGradientInputs } from './policy-gradient/clipped.ts';
export { dapoLoss } from './policy-gradient/dapo.ts';
export { type DrGrpoOptions, drGrpoLoss } from './policy-gradient/dr-grpo.ts';
export { type GrpoOptions, grpoLoss } from './policy-gradient/grpo.ts';
export { type GspoOptions, gspoLoss } from './policy-gradient/gspo.ts';
export { type KlEstimateInputs, type KlEstimateOptions, klEstimateLoss } from './policy-gradient/kl-estimate.ts';
export { type ReinforceInputs, type ReinforceOptions, reinforceLoss } from './policy-gradient/reinforce.ts';
export {
  type TruncatedWeightsInputs,
  type TruncatedWeightsOptions,
  truncatedWeights,
} from './policy-gradient/truncated-weights.ts';

// Preference: pairs of responses or steps.

export { type ApoDownOptions, apoDownLoss } from './preference/anchored/apo-down.ts';
export { type ApoZeroOptions, apoZeroLoss } from './preference/anchored/apo-zero.ts';
export { type BcoPairOptions, bcoPairLoss } from './preference/anchored/bco-pair.ts';
export { type CalDpoOptions, calDpoLoss } from './preference/anchored/cal-dpo.ts';
export { type NcaPairOptions, ncaPairLoss } from './preference/anchored/nca-pair.ts';
export { type SppoHardOptions, sppoHardLoss } from './preference/anchored/sppo-hard.ts';
export { type AlphaPoOptions, alphaPoLoss } from './preference/lengths/alpha-po.ts';
export {
  type DesensitizedInputs,
  type DesensitizedOptions,
  desensitizedLogps,
  sharedLengths,
} from './preference/lengths/length-desensitized.ts';
export {
  type NormalizedDpoInputs,
  type NormalizedDpoOptions,
  normalizedDpoLoss,
} from './preference/lengths/normalized-dpo.ts';
export { type SimpoInputs, type SimpoOptions, simpoLoss } from './preference/lengths/simpo.ts';
export { conservativeDpoLoss } from './preference/margin/conservative-dpo.ts';
export { type DiscopopOptions, discopopLoss } from './preference/margin/discopop.ts';
export { type DivergenceDpoOptions, divergenceDpoLoss } from './preference/margin/divergence-dpo.ts';
export { type DpoOptions, dpoLoss } from './preference/margin/dpo.ts';
export { type ExoPairOptions, exoPairLoss } from './preference/margin/exo-pair.ts';
export { type HingeOptions, hingeLoss } from './preference/margin/hinge.ts';
export { type IpoInputs, type IpoOptions, ipoLoss } from './preference/margin/ipo.ts';
export { type RobustDpoOptions, robustDpoLoss } from './preference/margin/robust-dpo.ts';
export { stepDpoLoss } from './preference/margin/step-dpo.ts';
export type { PairInputs, PairLengths, PairOptions } from './preference/pair-loss.ts';
export { type SvpoInputs, type SvpoOptions, svpoLoss } from './preference/svpo.ts';
export { collisionLogps, type WpoInputs, wpoWeights } from './preference/wpo-weights.ts';

// Steps: credits along a trajectory.

export { type DvoInputs, type DvoOptions, dvoLoss } from './steps/dvo.ts';
export { type DvoKtoInputs, type DvoKtoOptions, dvoKtoLoss } from './steps/dvo-kto.ts';
export { type ProcessRewardsOptions, processRewards } from './steps/process-rewards.ts';
export { stepCredits } from './steps/step-credits.ts';

// Tokens: soft actor-critics.

export { type DqoPolicyOptions, dqoPolicyLoss, dqoValueLoss } from './tokens/dqo.ts';
export type { DqoOptions } from './tokens/dqo-returns.ts';
export { type DroInputs, type DroOptions, droPolicyLoss, droValueLoss } from './tokens/dro.ts';
export { type ImportanceWeightsOptions, importanceWeights } from './tokens/importance-weights.ts';
export { type KlPenaltyInputs, klPenalty } from './tokens/kl-penalty.ts';
export { type LambdaReturnsOptions, lambdaReturns } from './tokens/lambda-returns.ts';
export { type OreoPolicyOptions, type OreoValueOptions, oreoPolicyLoss, oreoValueLoss } from './tokens/oreo.ts';
export type { OreoInputs, OreoOptions } from './tokens/oreo-consistency.ts';
export { tokenEntropies } from './tokens/token-entropies.ts';
export type { TokenInputs, TokenInputs as DqoInputs, TokenOptions } from './tokens/token-inputs.ts';

// Unpaired: labelled responses.

export { apoZeroUnpairedLoss } from './unpaired/apo-zero-unpaired.ts';
export { type KtoInputs, type KtoOptions, ktoLoss } from './unpaired/kto.ts';

// Verifiers.

export {
  type ImplicitPrmInputs,
  type ImplicitPrmOptions,
  implicitPrmLoss,
} from './verifiers/implicit-prm.ts';
export {
  type ImplicitRewardsInputs,
  type ImplicitRewardsOptions,
  implicitRewards,
} from './verifiers/implicit-rewards.ts';
export { type PqmInputs, type PqmOptions, pqmLoss } from './verifiers/pqm.ts';
export { type StepBceInputs, type StepBceOptions, stepBceLoss } from './verifiers/step-bce.ts';
