export { type DpoOptions, dpoLoss } from './dpo.ts';
export { type DvoInputs, type DvoOptions, dvoLoss } from './dvo.ts';
export type { PairInputs, PairOptions } from './pair-loss.ts';
