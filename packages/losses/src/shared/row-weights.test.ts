import fc from 'fast-check';
import { expect, test } from 'vitest';
import { term } from '../formula/term.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { compute } from '../test-support/running/compute.ts';
import { type Reduction, slotWeights } from './row-weights.ts';

const masks = fc.array(fc.array(fc.constantFrom(0, 1), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 5 });
const weights = (mask: number[][], reduction: Reduction, normalizer?: number): Promise<number[]> =>
  compute({ m: mask }, ({ m }) =>
    m.times(slotWeights(m, reduction, normalizer === undefined ? undefined : term(normalizer))),
  );

onBackend('slotWeights', () => {
  test('law: masked slots weigh 0; the others of a mean add up to 1', async () => {
    await fc.assert(
      fc.asyncProperty(masks, fc.constantFrom<Reduction>('row', 'flat'), async (mask, reduction) => {
        const w = await weights(mask, reduction);
        mask.flat().forEach((m, i) => {
          expect(w[i]! > 0).toBe(m > 0);
        });
        expect(w.reduce((a, b) => a + b, 0)).toBeCloseTo(mask.flat().some((m) => m > 0) ? 1 : 0, 5);
      }),
    );
  });

  test('law: in row every row with a valid slot weighs the same', async () => {
    await fc.assert(
      fc.asyncProperty(masks, async (mask) => {
        const w = await weights(mask, 'row');
        const present = mask.filter((row) => row.some((m) => m > 0)).length;
        mask.forEach((row, i) => {
          const total = w.slice(4 * i, 4 * i + 4).reduce((a, b) => a + b, 0);
          expect(total).toBeCloseTo(row.some((m) => m > 0) ? 1 / present : 0, 5);
        });
      }),
    );
  });

  test('a normalizer takes the place of the count: of rows, or of slots', async () => {
    expect(
      await weights(
        [
          [1, 1, 0, 0],
          [1, 0, 0, 0],
        ],
        'row',
        4,
      ),
    ).toEqual([0.125, 0.125, 0, 0, 0.25, 0, 0, 0]);
    expect(
      await weights(
        [
          [1, 1, 0, 0],
          [1, 0, 0, 0],
        ],
        'flat',
        8,
      ),
    ).toEqual([0.125, 0.125, 0, 0, 0.125, 0, 0, 0]);
    expect(
      await weights(
        [
          [1, 1, 0, 0],
          [1, 0, 0, 0],
        ],
        'sum',
      ),
    ).toEqual([0.5, 0.5, 0, 0, 0.5, 0, 0, 0]);
  });
});
