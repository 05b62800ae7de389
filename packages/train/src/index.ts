// Checkpoints.

export { checkpointReport, loadCheckpoint, saveCheckpoint } from './checkpoints/checkpoint.ts';
export { type CheckpointOptions, withCheckpoints } from './checkpoints/with-checkpoints.ts';
export { type SavesOptions, withSaves } from './checkpoints/with-saves.ts';

// Optimizers and schedules.

export { type AdamwOptions, adamw } from './optimizers/adamw.ts';
export { addDecayedWeights } from './optimizers/add-decayed-weights.ts';
export { clipByGlobalNorm } from './optimizers/clip-by-global-norm.ts';
export { chain, type Optimizer, type Update, type Updated } from './optimizers/optimizer.ts';
export { scaleBySchedule } from './optimizers/scale-by-schedule.ts';
export { type Course, constant, cosine, linearSchedule, type Schedule, warmup } from './optimizers/schedules.ts';
export { sgd } from './optimizers/sgd.ts';

// Weights, states and what all of them speak of.

export type { Params } from '@svo/tensor';
export { copyParams, disposeTensors } from './params.ts';
export type { BestSoFar, Json, Report, Run, Sink, Slots, StepResult, TrainState, TrainStep } from './types.ts';

// Reports: sinks and diagnosis.

export { csvSink } from './reports/csv-sink.ts';
export { type Diagnosis, diagnose } from './reports/diagnose.ts';
export { jsonlSink } from './reports/jsonl-sink.ts';
export { logTo } from './reports/log-to.ts';
export { type ProgressOptions, progressSink } from './reports/progress-sink.ts';
export { tensorboardSink } from './reports/tensorboard-sink.ts';

// Wrappers of a run or of a step.

export { stopAfter } from './runs/stop-after.ts';
export { type EarlyStopOptions, withEarlyStop } from './runs/with-early-stop.ts';
export { withEma } from './runs/with-ema.ts';
export { type EvaluationOptions, withEvaluation } from './runs/with-evaluation.ts';

// The loop and its step.

export { accumulate } from './step/accumulate.ts';
export type { DeviceBatch } from './step/batch.ts';
export { type BatchReportOptions, batchReport, type TokenCount } from './step/batch-metrics.ts';
export { type DivergenceError, divergenceError, isDivergenceError } from './step/divergence-error.ts';
export { evaluate } from './step/evaluate.ts';
export { type LossAndGradients, type LossResult, lossAndGradients } from './step/gradients.ts';
export { initialTrainState } from './step/initial-train-state.ts';
export { train } from './step/train.ts';
export {
  type LossContext,
  type LossFunction,
  type TrainStepOptions,
  trainStep,
} from './step/train-step.ts';
export { type Weighed, weightedMeans } from './step/weighted-means.ts';
