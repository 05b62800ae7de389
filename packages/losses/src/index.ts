export { type ApoDownOptions, apoDownLoss } from './apo-down.ts';
export { type ApoZeroOptions, apoZeroLoss } from './apo-zero.ts';
export { apoZeroUnpairedLoss } from './apo-zero-unpaired.ts';
export { type BcoPairOptions, bcoPairLoss } from './bco-pair.ts';
export { type ClippedValueInputs, type ClippedValueOptions, clippedValueLoss } from './clipped-value.ts';
export { conservativeDpoLoss } from './conservative-dpo.ts';
export { dftLoss } from './dft.ts';
export { type DiscopopOptions, discopopLoss } from './discopop.ts';
export { type DivergenceDpoOptions, divergenceDpoLoss } from './divergence-dpo.ts';
export { type DpoOptions, dpoLoss } from './dpo.ts';
export { type DqoPolicyOptions, dqoPolicyLoss, dqoValueLoss } from './dqo.ts';
export type { DqoOptions } from './dqo-returns.ts';
export { type DroInputs, type DroOptions, droPolicyLoss, droValueLoss } from './dro.ts';
export { type DvoInputs, type DvoOptions, dvoLoss } from './dvo.ts';
export { type DvoKtoInputs, type DvoKtoOptions, dvoKtoLoss } from './dvo-kto.ts';
export { type ExoPairOptions, exoPairLoss } from './exo-pair.ts';
export { type HingeOptions, hingeLoss } from './hinge.ts';
export { type ImportanceWeightsOptions, importanceWeights } from './importance-weights.ts';
export { type IpoInputs, type IpoOptions, ipoLoss } from './ipo.ts';
export { type KlPenaltyInputs, klPenalty } from './kl-penalty.ts';
export { type KtoInputs, type KtoOptions, ktoLoss } from './kto.ts';
export { type LambdaReturnsOptions, lambdaReturns } from './lambda-returns.ts';
export {
  type DesensitizedInputs,
  type DesensitizedOptions,
  desensitizedLogps,
  sharedLengths,
} from './length-desensitized.ts';
export { dvoMetrics, type Metrics, pairMetrics, valueMetrics } from './metrics.ts';
export { type NcaPairOptions, ncaPairLoss } from './nca-pair.ts';
export { type NormalizedDpoInputs, type NormalizedDpoOptions, normalizedDpoLoss } from './normalized-dpo.ts';
export { type OreoPolicyOptions, type OreoValueOptions, oreoPolicyLoss, oreoValueLoss } from './oreo.ts';
export type { OreoInputs, OreoOptions } from './oreo-consistency.ts';
export { type OutcomeValueOptions, outcomeValueLoss } from './outcome-value.ts';
export type { PairInputs, PairLengths, PairOptions } from './pair-loss.ts';
export { paperPresets } from './paper-presets.ts';
export { type ProcessRewardsOptions, processRewards } from './process-rewards.ts';
export { type RobustDpoOptions, robustDpoLoss } from './robust-dpo.ts';
export { type SftInputs, type SftOptions, sftLoss } from './sft.ts';
export { type SimpoInputs, type SimpoOptions, simpoLoss } from './simpo.ts';
export { type SppoHardOptions, sppoHardLoss } from './sppo-hard.ts';
export { stepCredits } from './step-credits.ts';
export { stepDpoLoss } from './step-dpo.ts';
export { type SvpoInputs, type SvpoOptions, svpoLoss } from './svpo.ts';
export type { TokenInputs, TokenInputs as DqoInputs, TokenOptions } from './token-inputs.ts';
export { type ValueInputs, type ValueOptions, valueLoss } from './value.ts';
export { collisionLogps, type WpoInputs, wpoWeights } from './wpo-weights.ts';
