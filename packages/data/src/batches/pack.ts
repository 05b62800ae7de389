import type { TensorData } from '@svo/files';
import type { Example } from '../examples/example.ts';
import { type CollateOptions, checkCollateOptions, layOut } from './layout.ts';
import { layEndToEnd, type PackedTokens } from './pack-rows.ts';

/**
 * Examples laid end to end in rows of one length: R rows, T tokens, B examples, S steps. Needs a model that keeps segments
 * apart in its attention: those of `@svo/models` do, `lm.tokenLogps(params, ids, { scored: stepIds, segments })`.
 */
export interface PackedBatch extends PackedTokens {
  /**
   * example · S + step of a scored token [R, T], −1 elsewhere: with `stepLogps(tokenLogps.reshape([1, R·T]),
   * stepIds.reshape([1, R·T]), B·S).reshape([B, S])` the losses see what they would see unpacked.
   */
  readonly stepIds: TensorData<Int32Array>;
  /** As in a `Batch` [B, S], in the order of the examples given. */
  readonly mask: TensorData<Float32Array>;
  readonly credits: TensorData<Float32Array>;
  readonly referenceLogps: TensorData<Float32Array>;
  /** Whole steps that truncation cut off each example [B]. */
  readonly droppedSteps: readonly number[];
}

/**
 * Packs examples into as few rows as first-fit finds, so that almost no token is padding.
 *
 * @param options `padId`; `length` T, by default the longest example's; `multipleOf` 1; `steps` S; `behavior` as for `collate`
 * @throws RangeError when there is no example, one is inconsistent, or one is longer than `length`
 * @example
 * ```ts
 * import { packExamples } from '@svo/data';
 * const row = (length: number) => ({ ids: Array(length).fill(9), stepIds: Array(length).fill(0), credits: [0.5], terminal: true });
 * const packed = packExamples([row(2), row(4), row(1)], { padId: 0 });
 * packed.ids.shape; // => [2, 4]
 * [...packed.segments.data]; // => [0, 0, 0, 0, 0, 0, 1, -1]
 * ```
 */
export function packExamples(examples: readonly Example[], options: CollateOptions): PackedBatch {
  checkCollateOptions('packExamples', options);
  const { length, steps, lengths: sizes, ...perStep } = layOut('packExamples', examples, options);
  const tokens = layEndToEnd(examples, sizes, length, options, (example, step) => example * steps + step);
  return { ...perStep, ...tokens };
}
