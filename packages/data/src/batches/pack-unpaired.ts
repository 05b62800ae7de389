import { mismatchedWithin, type UnpairedExample } from '../examples/unpaired.ts';
import { labelsAndReferences, type UnpairedBatch } from './collate-unpaired.ts';
import { type CollateOptions, checkCollateOptions, layOut } from './layout.ts';
import { layEndToEnd, type PackedTokens } from './pack-rows.ts';

/** B labelled completions and their mismatched ones, each laid end to end; R and R′ rows. */
export interface PackedUnpairedBatch
  extends PackedTokens,
    Pick<UnpairedBatch, 'labels' | 'referenceLogps' | 'droppedSteps'> {
  /** The completion a scored token belongs to [R, T], 0 … B−1; −1 elsewhere. */
  readonly stepIds: PackedTokens['stepIds'];
  /** Each prompt with another row's completion [R′, T], laid out in the same way. */
  readonly klIds: PackedTokens['ids'];
  readonly klSegments: PackedTokens['segments'];
  readonly klPositions: PackedTokens['positions'];
  readonly klStepIds: PackedTokens['stepIds'];
}

/**
 * Labelled completions packed into as few rows as first-fit finds, the mismatched ones of KTO's KL term in rows of their own.
 * With `stepLogps(tokenLogps.reshape([1, R·T]), stepIds.reshape([1, R·T]), B)` come the [B] log-probs that the losses take.
 *
 * @param rows at least two, from `tokenizeUnpaired`
 * @param options as for `packExamples`; `steps` has no meaning here
 * @throws RangeError for fewer than two rows, an inconsistent example, or one longer than `length`
 * @example
 * ```ts
 * import { packUnpaired } from '@svo/data';
 * const row = (prompt: number, answer: number, label: boolean) => ({ example: { ids: [prompt, answer], stepIds: [-1, 0], credits: [0], terminal: true }, label });
 * const packed = packUnpaired([row(1, 5, true), row(2, 6, false)], { padId: 0, length: 4 });
 * [...packed.ids.data]; // => [1, 5, 2, 6]
 * [...packed.klIds.data]; // => [1, 6, 2, 5]
 * [...packed.stepIds.data]; // => [-1, 0, -1, 1]
 * ```
 */
export function packUnpaired(rows: readonly UnpairedExample[], options: CollateOptions): PackedUnpairedBatch {
  checkCollateOptions('packUnpaired', options);
  const examples = rows.map(({ example }) => example);
  const mismatched = mismatchedWithin(examples, options.length);
  const { length, lengths: sizes, droppedSteps } = layOut('packUnpaired', examples, options);
  const kl = layOut('packUnpaired', mismatched, options);
  const others = layEndToEnd(mismatched, kl.lengths, kl.length, { ...options, behavior: false }, (row) => row);
  return {
    ...layEndToEnd(examples, sizes, length, options, (row) => row),
    klIds: others.ids,
    klSegments: others.segments,
    klPositions: others.positions,
    klStepIds: others.stepIds,
    ...labelsAndReferences(rows),
    droppedSteps,
  };
}
