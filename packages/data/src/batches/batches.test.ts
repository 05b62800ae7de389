import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Example } from '../examples/example.ts';
import { examples } from '../test-support/examples.ts';
import { batches, pairBatches, unpairedBatches } from './batches.ts';
import { collate } from './collate.ts';

/** An example that knows itself by its first token. */
const row = (id: number, length: number): Example => ({
  ids: [id, ...Array(length - 1).fill(9)],
  stepIds: [-1, ...Array(length - 1).fill(0)],
  credits: [0],
  terminal: true,
});

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
              chosen.map((index) => rows[index]!),
              { padId: 0, multipleOf: 4 },
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

describe('behaviour log-probs', () => {
  const drawn: Example = { ...row(5, 2), behaviorLogps: [null, -0.5] };
  const options = { batchSize: 1, seed: 1, shuffled: false, padId: 0 };

  test('where any example of the data has them every batch does, NaN where they are not known', () => {
    const [known, unknown] = [...batches([drawn, row(6, 2)], options)];
    expect([...known!.behaviorLogps!.data]).toEqual([0, -0.5]);
    expect([...unknown!.behaviorLogps!.data]).toEqual([0, Number.NaN]);
    expect([...batches([row(6, 2)], options)][0]).not.toHaveProperty('behaviorLogps');
    expect([...batches([drawn], { ...options, behavior: false })][0]).not.toHaveProperty('behaviorLogps');
  });

  test('one a token, or an error', () => {
    const short = { ...drawn, behaviorLogps: [-0.5] };
    expect(() => [...batches([short], options)]).toThrow('must have one behavior log-prob a token (2), got 1');
  });
});

test('options nobody reads are errors when a generator is made', () => {
  expect(() => batches([row(5, 2)], { batchSize: 1, seed: 1, padId: 0, bachSize: 2 } as never)).toThrow(
    "batches: unknown option 'bachSize' (did you mean 'batchSize'?)",
  );
  expect(() => collate([row(5, 2)], { padId: 0, pad: 1 } as never)).toThrow("collate: unknown option 'pad'");
  expect(() => collate([row(5, 2)], {} as never)).toThrow('collate: padId must be a token id, got undefined');
});
