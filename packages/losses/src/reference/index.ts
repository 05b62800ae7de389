/**
 * Every loss once more, in float64 over plain arrays: value and closed-form gradient, no tensors. Written from the papers, not
 * from the tensor version; for tests, notebooks and other languages' ports to check against.
 */

export {
  clippedValueLoss,
  dftLoss,
  outcomeValueLoss,
  type SftArrayOptions,
  sftLoss,
  type ValueArrayOptions,
  type ValueArrays,
  valueLoss,
} from './likelihood.ts';
export {
  cispoLoss,
  dapoLoss,
  drGrpoLoss,
  grpoLoss,
  gspoLoss,
  klEstimateLoss,
  type PolicyGradientArrayOptions,
  type PolicyGradientArrays,
  reinforceLoss,
} from './policy-gradient.ts';
export { apoDownLoss, apoZeroLoss, bcoPairLoss, calDpoLoss, ncaPairLoss, sppoHardLoss } from './preference/anchored.ts';
export { type DivergenceArrayOptions, discopopLoss, divergenceDpoLoss } from './preference/divergences.ts';
export { alphaPoLoss, ipoLoss, type LengthArrays, normalizedDpoLoss, simpoLoss } from './preference/lengths.ts';
export {
  conservativeDpoLoss,
  dpoLoss,
  exoPairLoss,
  hingeLoss,
  type PairArrayOptions,
  type PairArrays,
  type PairReference,
  robustDpoLoss,
  stepDpoLoss,
} from './preference/margin.ts';
export { type SvpoArrayOptions, type SvpoArrays, svpoLoss } from './preference/svpo.ts';
export { collisionLogps, desensitizedLogps, sharedLengths, wpoWeights } from './preference/weights.ts';
export { logSigmoid, sigmoid, softplus } from './shared/numerics.ts';
export type { Matrix, Reference, Vector } from './shared/types.ts';
export { type DvoArrayOptions, type DvoArrays, dvoKtoLoss, dvoLoss } from './steps/dvo.ts';
export { importanceWeights, lambdaReturns, processRewards, stepCredits } from './steps/returns.ts';
export { consistentValues, type DqoArrayOptions, type DqoArrays, dqoPolicyLoss, dqoValueLoss } from './tokens/dqo.ts';
export { type DroArrayOptions, type DroArrays, droPolicyLoss, droValueLoss } from './tokens/dro.ts';
export { type OreoArrayOptions, type OreoArrays, oreoPolicyLoss, oreoValueLoss } from './tokens/oreo.ts';
export { apoZeroUnpairedLoss, type KtoArrayOptions, type KtoArrays, ktoLoss } from './unpaired.ts';
export { implicitPrmLoss, pqmLoss, stepBceLoss } from './verifiers.ts';
