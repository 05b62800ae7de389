/**
 * Every loss once more, in float64 over plain arrays: value and closed-form gradient, no tensors. Written from the papers, not
 * from the tensor version; for tests, notebooks and other languages' ports to check against.
 */

export { apoDownLoss, apoZeroLoss, bcoPairLoss, calDpoLoss, ncaPairLoss, sppoHardLoss } from './anchored-pairs.ts';
export { type DivergenceArrayOptions, discopopLoss, divergenceDpoLoss } from './divergences.ts';
export { consistentValues, type DqoArrayOptions, type DqoArrays, dqoPolicyLoss, dqoValueLoss } from './dqo.ts';
export { type DroArrayOptions, type DroArrays, droPolicyLoss, droValueLoss } from './dro.ts';
export { type DvoArrayOptions, type DvoArrays, dvoKtoLoss, dvoLoss } from './dvo.ts';
export { alphaPoLoss, ipoLoss, type LengthArrays, normalizedDpoLoss, simpoLoss } from './lengths.ts';
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
export { logSigmoid, sigmoid, softplus } from './numerics.ts';
export { type OreoArrayOptions, type OreoArrays, oreoPolicyLoss, oreoValueLoss } from './oreo.ts';
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
} from './pairs.ts';
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
export { importanceWeights, lambdaReturns, processRewards, stepCredits } from './returns.ts';
export { type SvpoArrayOptions, type SvpoArrays, svpoLoss } from './svpo.ts';
export type { Matrix, Reference, Vector } from './types.ts';
export { apoZeroUnpairedLoss, type KtoArrayOptions, type KtoArrays, ktoLoss } from './unpaired.ts';
export { implicitPrmLoss, pqmLoss, stepBceLoss } from './verifiers.ts';
export { collisionLogps, desensitizedLogps, sharedLengths, wpoWeights } from './weights.ts';
