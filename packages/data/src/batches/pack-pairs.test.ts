import type { TensorData } from '@svo/files';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Example } from '../examples/example.ts';
import { examples } from '../test-support/examples.ts';
import { packedPairBatches, packedUnpairedBatches, pairBatches, unpairedBatches } from './batches.ts';
import { collatePairs } from './collate-pairs.ts';
import { collateUnpaired } from './collate-unpaired.ts';
import { packPairs } from './pack-pairs.ts';
import { packUnpaired } from './pack-unpaired.ts';

/** Examples of one step, some of whose tokens have a behaviour log-prob. */
const whole: fc.Arbitrary<Example> = examples.map((example) => ({
  ids: example.ids,
  stepIds: example.stepIds.map((step) => Math.min(step, 0)),
  credits: [0],
  terminal: true,
  ...(example.referenceLogps && { referenceLogps: example.referenceLogps.slice(0, 1) }),
  ...(example.terminal && { behaviorLogps: example.ids.map((_, at) => (at % 2 ? -at : null)) }),
}));
const pairs = fc.array(
  fc.record({ chosen: whole, rejected: whole, chosenValue: fc.constant(1), rejectedValue: fc.constant(-1) }),
  { minLength: 1, maxLength: 6 },
);
const rows = fc.array(fc.record({ example: whole, label: fc.boolean() }), { minLength: 2, maxLength: 8 });

/** What per-row sums a loss would see: of a token's number, of its behaviour log-prob, and how many tokens. */
const sums = (
  { stepIds, ids, behaviorLogps }: { stepIds: TensorData; ids: TensorData; behaviorLogps?: TensorData },
  count: number,
  padded: boolean,
): number[][] => {
  const result = Array.from({ length: count }, () => [0, 0, 0]);
  const width = ids.shape[1]!;
  stepIds.data.forEach((step, at) => {
    if (step < 0) return;
    const sum = result[padded ? Math.floor(at / width) : step]!;
    sum[0]! += ids.data[at]!;
    sum[1]! += behaviorLogps?.data[at] ?? 0;
    sum[2]! += 1;
  });
  return result;
};

test('pairs: every side has the sums it has padded, and the [B] arrays are the same', () => {
  fc.assert(
    fc.property(pairs, fc.integer({ min: 0, max: 30 }), (batch, room) => {
      const padded = collatePairs(batch, { padId: 0 });
      const packed = packPairs(batch, { padId: 0, length: padded.ids.shape[1]! + room });
      expect(sums(packed, 2 * batch.length, false)).toEqual(sums(padded, 2 * batch.length, true));
      const { ids: _, stepIds: __, behaviorLogps, lengths, ...columns } = padded;
      expect(packed).toMatchObject(columns);
      expect(packed.behaviorLogps === undefined).toBe(behaviorLogps === undefined);
      expect(packed.lengths.reduce((sum, length) => sum + length, 0)).toBe(lengths.reduce((sum, one) => sum + one, 0));
      expect(packed.ids.shape[0]).toBeLessThanOrEqual(2 * batch.length);
    }),
  );
});

test('labelled completions: as padded, the mismatched ones too', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 30 }), (batch, room) => {
      const padded = collateUnpaired(batch, { padId: 0 });
      const length = Math.max(padded.ids.shape[1]!, padded.klIds.shape[1]!) + room;
      const packed = packUnpaired(batch, { padId: 0, length });
      expect(sums(packed, batch.length, false)).toEqual(sums(padded, batch.length, true));
      expect(sums({ ids: packed.klIds, stepIds: packed.klStepIds }, batch.length, false)).toEqual(
        sums({ ids: padded.klIds, stepIds: padded.klStepIds }, batch.length, true),
      );
      expect([packed.labels, packed.referenceLogps, packed.droppedSteps]).toEqual([
        padded.labels,
        padded.referenceLogps,
        padded.droppedSteps,
      ]);
    }),
  );
});

test('in the same order as padded ones, with the same cursors', () => {
  const side = (id: number) => ({ ids: [5, id], stepIds: [-1, 0], credits: [0], terminal: true });
  const data = [1, 2, 3, 4, 6].map((id) => ({
    chosen: side(id),
    rejected: side(9),
    chosenValue: 1,
    rejectedValue: -1,
  }));
  const options = { batchSize: 2, seed: 3, padId: 0, dropLast: true };
  const plans = (batches: Iterable<{ rows: readonly number[]; cursor: object }>) =>
    [...batches].map(({ rows: own, cursor }) => ({ own, cursor }));
  expect(plans(packedPairBatches(data, options))).toEqual(plans(pairBatches(data, options)));
  const labelled = data.map(({ chosen }, at) => ({ example: chosen, label: at > 1 }));
  expect(plans(packedUnpairedBatches(labelled, options))).toEqual(plans(unpairedBatches(labelled, options)));
});

test('one longer than the rows is an error', () => {
  const side = { ids: [1, 2, 3], stepIds: [-1, 0, 0], credits: [0], terminal: true };
  const pair = { chosen: side, rejected: side, chosenValue: 0, rejectedValue: 0 };
  expect(() => packPairs([pair], { padId: 0, length: 2 })).toThrow(
    'packPairs: length must be a positive integer of at least 3',
  );
});
