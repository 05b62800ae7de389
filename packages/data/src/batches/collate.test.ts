import type { TensorData } from '@svo/files';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { examples } from '../test-support/examples.ts';
import { collate } from './collate.ts';

const row = ({ data, shape }: TensorData, index: number): number[] => [
  ...data.slice(index * shape[1]!, (index + 1) * shape[1]!),
];

test('every row is its example, then padding', () => {
  fc.assert(
    fc.property(
      fc.array(examples, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 8 }),
      (rows, multipleOf) => {
        const batch = collate(rows, { padId: 258, multipleOf });
        const [length, steps] = [batch.ids.shape[1]!, batch.credits.shape[1]!];
        expect(length % multipleOf).toBe(0);
        expect(length - Math.max(...rows.map(({ ids }) => ids.length))).toBeLessThan(multipleOf);
        expect(steps).toBe(Math.max(...rows.map(({ credits }) => credits.length)));
        expect(batch.lengths).toEqual(rows.map(({ ids }) => ids.length));
        rows.forEach((example, index) => {
          const pad = (values: readonly number[], size: number, fill: number) => [
            ...values,
            ...Array(size - values.length).fill(fill),
          ];
          expect(row(batch.ids, index)).toEqual(pad(example.ids, length, 258));
          expect(row(batch.stepIds, index)).toEqual(pad([-1, ...example.stepIds.slice(1)], length, -1));
          expect(row(batch.credits, index)).toEqual(pad(example.credits, steps, 0));
          expect(row(batch.mask, index)).toEqual(
            // A step whose only token is the row's first has no prediction.
            pad(
              example.credits.map((_, step) => Number(example.stepIds.lastIndexOf(step) > 0)),
              steps,
              0,
            ),
          );
          const references = example.referenceLogps ?? example.credits.map(() => Number.NaN);
          expect(row(batch.referenceLogps, index)).toEqual(pad(references, steps, 0));
        });
      },
    ),
  );
});

test('a step without a scored token is masked: it has no log-prob to learn', () => {
  const batch = collate([{ ids: [9, 1, 2], stepIds: [-1, 0, 2], credits: [1, 1, 1], terminal: false }], { padId: 0 });
  expect([...batch.mask.data]).toEqual([1, 0, 1]);
});

test('fixed sizes give every batch one shape', () => {
  const example = { ids: [1, 2], stepIds: [-1, 0], credits: [1], terminal: false };
  const { ids, credits } = collate([example], { padId: 0, length: 6, steps: 3, multipleOf: 4 });
  expect([ids.shape, credits.shape]).toEqual([
    [1, 8],
    [1, 3],
  ]);
});

test('a hundred thousand rows', () => {
  const example = { ids: [1], stepIds: [0], credits: [1], terminal: false };
  expect(collate(Array(100_000).fill(example), { padId: 0 }).ids.shape).toEqual([100_000, 1]);
});

test('errors name the row and what is wrong with it', () => {
  const example = { ids: [1, 2], stepIds: [-1, 0], credits: [1], terminal: false };
  expect(() => collate([], { padId: 0 })).toThrow('collate: examples must hold at least one, got none');
  expect(() => collate([example, { ...example, stepIds: [0] }], { padId: 0 })).toThrow(
    'collate: examples[1] must have one stepId a token (2), got 1',
  );
  expect(() => collate([{ ...example, stepIds: [-1, 1] }], { padId: 0 })).toThrow(
    'collate: examples[0] must have stepIds below credits.length (1), got 1',
  );
  expect(() => collate([{ ...example, referenceLogps: [] }], { padId: 0 })).toThrow(
    'examples[0] must have one reference log-prob a step (1), got 0',
  );
  expect(() => collate([example], { padId: 0, length: 1 })).toThrow(
    'collate: length must be a positive integer of at least 2, got 1 (truncateSteps drops whole steps, truncatePairs and truncateUnpaired whole rows)',
  );
  expect(() => collate([example], { padId: 0, multipleOf: 0 })).toThrow(
    'collate: multipleOf must be a positive integer, got 0',
  );
});
