import type { TensorData } from '@svo/files';
import { mismatchedWithin, type UnpairedExample } from '../examples/unpaired.ts';
import { layOutRows } from './collate.ts';
import { type CollateOptions, checkCollateOptions, column } from './layout.ts';

/** Labelled completions and the mismatched ones from which KTO estimates its KL term. */
export interface UnpairedBatch {
  /** Token ids and scored tokens of the completions [B, T]. */
  readonly ids: TensorData<Int32Array>;
  readonly stepIds: TensorData<Int32Array>;
  /** 1 desirable, 0 not [B]. */
  readonly labels: TensorData<Float32Array>;
  /** Each prompt with another row's completion [B, T′]. */
  readonly klIds: TensorData<Int32Array>;
  readonly klStepIds: TensorData<Int32Array>;
  /** log π_ref of the completions [B]; NaN where it is not known. */
  readonly referenceLogps: TensorData<Float32Array>;
  /** log μ of the completions' tokens [B, T], as in a `Batch`. */
  readonly behaviorLogps?: TensorData<Float32Array>;
  /** Tokens of each row before padding [B]. */
  readonly lengths: readonly number[];
  /** Whole steps that truncation cut off each row [B]. */
  readonly droppedSteps: readonly number[];
}

/**
 * Labelled completions as one padded batch, with their mismatched pairs beside them.
 *
 * @param rows at least two
 * @param options as for `collate`
 * @throws RangeError for fewer than two rows, an inconsistent example, or one longer than a fixed size
 * @example
 * ```ts
 * import { collateUnpaired } from '@svo/data';
 * const row = (prompt: number, answer: number, label: boolean) => ({ example: { ids: [prompt, answer], stepIds: [-1, 0], credits: [0], terminal: true }, label });
 * const batch = collateUnpaired([row(1, 5, true), row(2, 6, false)], { padId: 0 });
 * [...batch.labels.data]; // => [1, 0]
 * [...batch.klIds.data]; // => [1, 6, 2, 5]
 * ```
 */
export function collateUnpaired(rows: readonly UnpairedExample[], options: CollateOptions): UnpairedBatch {
  checkCollateOptions('collateUnpaired', options);
  const examples = rows.map(({ example }) => example);
  const mismatched = layOutRows('collateUnpaired', mismatchedWithin(examples, options.length), options);
  const { ids, stepIds, behaviorLogps, lengths, droppedSteps } = layOutRows('collateUnpaired', examples, options);
  return {
    ids,
    stepIds,
    ...labelsAndReferences(rows),
    klIds: mismatched.ids,
    klStepIds: mismatched.stepIds,
    ...(behaviorLogps && { behaviorLogps }),
    lengths,
    droppedSteps,
  };
}

/** The [B] arrays of a batch of labelled completions. */
export const labelsAndReferences = (
  rows: readonly UnpairedExample[],
): Pick<UnpairedBatch, 'labels' | 'referenceLogps'> => ({
  labels: column(rows.map(({ label }) => Number(label))),
  referenceLogps: column(rows.map(({ example }) => example.referenceLogps?.[0] ?? Number.NaN)),
});
