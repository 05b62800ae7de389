import fc from 'fast-check';
import { expect, test } from 'vitest';
import { examples } from '../test-support/examples.ts';
import { batches, pairBatches, unpairedBatches } from './batches.ts';
import { collate } from './collate.ts';

test('batches are the collated rows of their order; resumed after any of them, the same to the last bit', () => {
  fc.assert(
    fc.property(
      fc.array(examples, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 4 }),
      (rows, batchSize) => {
        const options = { batchSize, seed: 5, padId: 0, multipleOf: 4, epochs: 2 };
        const straight = [...batches(rows, options)];
        straight.forEach((batch, index) => {
          const { rows: chosen, cursor, ...arrays } = batch;
          expect(arrays).toEqual(
            collate(
              chosen.map((row) => rows[row]!),
              options,
            ),
          );
          const resumed = [...batches(rows, { ...options, cursor: JSON.parse(JSON.stringify(cursor)) })];
          expect(resumed).toEqual(straight.slice(index + 1));
        });
      },
    ),
  );
});

test('they serve `for await` too', async () => {
  const example = { ids: [1], stepIds: [0], credits: [1], terminal: true };
  const seen: number[] = [];
  for await (const { rows } of batches([example, example], { batchSize: 1, seed: 1, padId: 0 })) seen.push(...rows);
  expect(seen.toSorted()).toEqual([0, 1]);
});

test('pairs and labelled completions, resumed likewise', () => {
  const side = (id: number) => ({ ids: [5, id], stepIds: [-1, 0], credits: [0], terminal: true });
  const pairs = [1, 2, 3, 4, 5].map((id) => ({
    chosen: side(id),
    rejected: side(id + 10),
    chosenValue: id,
    rejectedValue: -id,
  }));
  const options = { batchSize: 2, seed: 9, padId: 0 };
  const straight = [...pairBatches(pairs, options)];
  expect(straight.map(({ ids }) => ids.shape[0])).toEqual([4, 4, 2]);
  expect([...pairBatches(pairs, { ...options, cursor: straight[0]!.cursor })]).toEqual(straight.slice(1));
  for (const { rows, chosenValues } of straight) expect([...chosenValues.data]).toEqual(rows.map((row) => row + 1));

  const labelled = pairs.map(({ chosen }, index) => ({
    example: { ...chosen, ids: [index, 9] },
    label: index % 2 === 0,
  }));
  const unpaired = [...unpairedBatches(labelled, { ...options, dropLast: true })];
  expect([...unpairedBatches(labelled, { ...options, dropLast: true, cursor: unpaired[0]!.cursor })]).toEqual(
    unpaired.slice(1),
  );
  expect(() => [...unpairedBatches(labelled, options)]).toThrow(
    'mismatchedExamples: examples must hold at least two, got 1',
  );
});

test('settings are checked when the generator is made', () => {
  expect(() => batches([], { batchSize: 1, seed: 1, padId: 0 })).toThrow(
    'batches: examples must hold at least one, got none',
  );
});
