import { type Batch, type Example, stepOf } from '../examples/example.ts';
import { type CollateOptions, checkCollateOptions, grid, hasBehavior, layOut, setBehavior } from './layout.ts';

/**
 * Examples as one padded batch, rows in the order given. The first token of a row is never scored, whatever its `stepIds` say.
 *
 * @param examples at least one
 * @param options `padId`; `multipleOf` 1; fixed `length` and `steps`, by default the largest found; `behavior` where any
 *   example has `behaviorLogps`
 * @returns a {@link Batch}: ids and stepIds int32 [B, T], mask, credits and referenceLogps float32 [B, S]
 * @throws RangeError when there is no example, one is inconsistent, or one is longer than a fixed size
 * @example
 * ```ts
 * import { collate } from '@svo/data';
 * const batch = collate([{ ids: [5, 6, 7], stepIds: [-1, 0, 1], credits: [0.5, 0.25], terminal: true }], { padId: 0, multipleOf: 4 });
 * [...batch.ids.data]; // => [5, 6, 7, 0]
 * [...batch.stepIds.data]; // => [-1, 0, 1, -1]
 * batch.credits.shape; // => [1, 2]
 * ```
 */
export function collate(examples: readonly Example[], options: CollateOptions): Batch {
  checkCollateOptions('collate', options);
  return layOutRows('collate', examples, options);
}

/** {@link collate} for a caller of another name, whose options have been checked. */
export const layOutRows = (where: string, examples: readonly Example[], options: CollateOptions): Batch => {
  const { length, steps: _, ...perStep } = layOut(where, examples, options);
  const rows = examples.length;
  const ids = new Int32Array(rows * length).fill(options.padId);
  const stepIds = new Int32Array(rows * length).fill(-1);
  const behavior = hasBehavior(examples, options) ? new Float32Array(rows * length) : undefined;
  examples.forEach((example, row) => {
    const start = row * length;
    ids.set(example.ids, start);
    example.ids.forEach((_id, at) => {
      stepIds[start + at] = stepOf(example, at);
    });
    if (behavior) setBehavior(behavior, start, example);
  });
  return {
    ids: grid(ids, rows),
    stepIds: grid(stepIds, rows),
    ...perStep,
    ...(behavior && { behaviorLogps: grid(behavior, rows) }),
  };
};
