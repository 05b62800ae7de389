import type { TensorData } from '@svo/files';
/**
 * A tokenised trajectory: what one row of a batch is made of. T tokens, S steps. Plain JSON; the content hash of its first
 * two fields names its reference log-probs.
 */
export interface Example {
  /** Token ids [T]: BOS, prompt, steps, EOS. */
  readonly ids: readonly number[];
  /** The step each token is scored in [T]; −1 for the prompt, delimiters, EOS and whatever else isn't scored. */
  readonly stepIds: readonly number[];
  /** c_t of each step [S]. */
  readonly credits: readonly number[];
  /** Whether the last step ends its trajectory (and EOS, if there is one, follows it). */
  readonly terminal: boolean;
  /** log π_ref of each step [S], natural logs summed over its scored tokens, when they are known. */
  readonly referenceLogps?: readonly number[];
  /** Whole steps that were cut off its end for length; none when absent. */
  readonly droppedSteps?: number;
}

/**
 * Padded examples; B rows, T tokens, S steps. The names are the losses' argument names, so that
 * `dvoLoss({ policyLogps, ...upload(batch) })` works.
 */
export interface Batch {
  /** Token ids [B, T], padded at the end with the tokenizer's `padId`. */
  readonly ids: TensorData<Int32Array>;
  /** Step of each token [B, T], −1 where nothing is scored. */
  readonly stepIds: TensorData<Int32Array>;
  /** 1 for a step with at least one scored token, else 0 [B, S]. */
  readonly mask: TensorData<Float32Array>;
  /** Credits [B, S], 0 in padding. */
  readonly credits: TensorData<Float32Array>;
  /** Reference log-probs [B, S], 0 in padding; NaN in a real step whose reference is not known, so that no loss takes it for 0. */
  readonly referenceLogps: TensorData<Float32Array>;
  /** Tokens of each row before padding [B]; plain numbers, for counting. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each row [B]. */
  readonly droppedSteps: readonly number[];
}
