/** Training a model of any size through the Tinker API. */

/** Updates. */
export type { AdamStep } from './model/adam.ts';
export type { TokenRow } from './model/datum.ts';
export type { LogpLoss } from './model/loss-gradient.ts';
export type { CallOptions, TinkerModel, UpdateReport } from './model/model.ts';
export type { Reduction } from './passes/encoding.ts';
/** For search. */
export { type TinkerPolicyOptions, tinkerPolicy } from './policy/tinker-policy.ts';
export { type TinkerScorerOptions, tinkerScorer } from './policy/tinker-scorer.ts';
/** Continuations. */
export type { Sampled, SampleOptions, Sampler } from './sampling/sampler.ts';
/** A session on a server. */
export type { Capabilities } from './service/capabilities.ts';
export type { ModelOptions } from './service/create-model.ts';
export type { Dialect } from './service/dialect.ts';
export { type ServiceOptions, type TinkerService, tinkerService } from './service/service.ts';
/** For the loop of `@svo/train`. */
export {
  loadTinkerCheckpoint,
  type TinkerCheckpointOptions,
  tinkerStart,
  withTinkerCheckpoints,
} from './train/checkpoints.ts';
export { type TinkerStepOptions, type TokenBatch, tinkerStep } from './train/tinker-step.ts';
/** The wire, and what goes wrong on it. */
export type { ConnectionOptions } from './wire/connection.ts';
export {
  type FailureCategory,
  isTinkerError,
  ModelInDoubt,
  PromiseLost,
  ProtocolError,
  SessionLost,
  TinkerHttpError,
  TinkerRequestFailed,
} from './wire/errors.ts';
