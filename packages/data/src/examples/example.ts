import type { TensorData } from '@svo/files';
/**
 * A tokenised trajectory: what one row of a batch is made of. T tokens, S steps. Plain JSON; the content hash of its first
 * two fields names its reference log-probs.
 */
export interface Example {
  /** Token ids [T]: BOS, prompt, steps, EOS. */
  readonly ids: readonly number[];
  /** The step each token is scored in [T]; −1 for the first token, the prompt, delimiters, EOS and whatever else isn't scored. */
  readonly stepIds: readonly number[];
  /** c_t of each step [S]. */
  readonly credits: readonly number[];
  /** Whether the last step ends its trajectory (and EOS, if there is one, follows it). */
  readonly terminal: boolean;
  /** log π_ref of each step [S], natural logs summed over its scored tokens, when they are known. */
  readonly referenceLogps?: readonly number[];
  /**
   * Log-prob (nats) of each token under the policy that drew it [T], aligned with `ids`; null where it was not drawn (prompt,
   * delimiters put in, an appended EOS) or is not known. Absent where no token's is known.
   */
  readonly behaviorLogps?: readonly (number | null)[];
  /** Whole steps that were cut off its end for length; none when absent. */
  readonly droppedSteps?: number;
}

/** The step a token is scored in. The first token of a row is never scored: nothing predicts it. */
export const stepOf = ({ stepIds }: Pick<Example, 'stepIds'>, at: number): number => (at === 0 ? -1 : stepIds[at]!);

/** How many tokens are scored: each has a prediction and a step. */
export const scoredTokens = ({ stepIds }: Pick<Example, 'stepIds'>): number =>
  stepIds.reduce((count, step, at) => count + Number(at > 0 && step >= 0), 0);

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
  /**
   * log μ of each token under the policy that drew it [B, T], 0 where nothing is scored, NaN in a scored token where it is not
   * known: a loss that weighs by it shows NaN rather than take it for 0. Absent where no example of the data has any.
   */
  readonly behaviorLogps?: TensorData<Float32Array>;
  /** Tokens of each row before padding [B]; plain numbers, for counting. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each row [B]. */
  readonly droppedSteps: readonly number[];
}
