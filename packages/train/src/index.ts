export { accumulate } from './accumulate.ts';
export { type AdamwOptions, adamw } from './adamw.ts';
export { addDecayedWeights } from './add-decayed-weights.ts';
export type { DeviceBatch } from './batch.ts';
export { checkpointReport, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
export { clipByGlobalNorm } from './clip-by-global-norm.ts';
export { csvSink } from './csv-sink.ts';
export { type Diagnosis, diagnose } from './diagnose.ts';
export { type DivergenceError, isDivergenceError } from './divergence-error.ts';
export { evaluate } from './evaluate.ts';
export type { LossResult } from './gradients.ts';
export { initialTrainState } from './initial-train-state.ts';
export { jsonlSink } from './jsonl-sink.ts';
export { logTo } from './log-to.ts';
export { chain, type Optimizer, type Update, type Updated } from './optimizer.ts';
export { copyParams, disposeTensors } from './params.ts';
export { type PairLogps, preferenceMetrics } from './preference-metrics.ts';
export { type ProgressOptions, progressSink } from './progress-sink.ts';
export { scaleBySchedule } from './scale-by-schedule.ts';
export { constant, cosine, linear, type Schedule, warmup } from './schedules.ts';
export { sgd } from './sgd.ts';
export { type StepLogps, stepMetrics } from './step-metrics.ts';
export { stopAfter } from './stop-after.ts';
export { tensorboardSink } from './tensorboard-sink.ts';
export { train } from './train.ts';
export {
  type LossContext,
  type LossFunction,
  type TokenCount,
  type TrainStepOptions,
  trainStep,
} from './train-step.ts';
export type { Json, Params, Report, Run, Sink, Slots, Step, StepResult, TrainState } from './types.ts';
export { calibrationError, explainedVariance, type ValuesAndTargets, valueMetrics } from './value-metrics.ts';
export { type CheckpointOptions, withCheckpoints } from './with-checkpoints.ts';
export { type EarlyStopOptions, withEarlyStop } from './with-early-stop.ts';
export { withEma } from './with-ema.ts';
export { type EvaluationOptions, withEvaluation } from './with-evaluation.ts';
