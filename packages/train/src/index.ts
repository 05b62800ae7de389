export { accumulate } from './accumulate.ts';
export { type AdamwOptions, adamw } from './adamw.ts';
export type { Uploaded } from './batch.ts';
export { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
export { clipByGlobalNorm } from './clip-by-global-norm.ts';
export { type DivergenceError, isDivergenceError } from './divergence-error.ts';
export type { LossResult } from './gradients.ts';
export { initialTrainState } from './initial-train-state.ts';
export { chain, type Optimizer, type Update, type Updated } from './optimizer.ts';
export { copyParams, disposeTensors } from './params.ts';
export { constant, cosine, linear, type Schedule, warmup } from './schedules.ts';
export { sgd } from './sgd.ts';
export { train } from './train.ts';
export {
  type LossContext,
  type LossFunction,
  type TokenCount,
  type TrainStepOptions,
  trainStep,
} from './train-step.ts';
export type { Json, Params, Report, Run, Sink, Slots, Step, StepResult, TrainState } from './types.ts';
