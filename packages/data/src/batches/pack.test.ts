import type { TensorData } from '@svo/files';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { examples } from '../test-support/examples.ts';
import { collate } from './collate.ts';
import { packExamples } from './pack.ts';

const rows = fc.array(examples, { minLength: 1, maxLength: 12 });

/** The float64 sums a loss would see: of a token's number, over each slot of `stepIds`. */
const sums = (stepIds: ArrayLike<number>, ids: ArrayLike<number>, slots: number): number[] => {
  const result = new Array<number>(slots).fill(0);
  for (let at = 0; at < ids.length; at++) if (stepIds[at]! >= 0) result[stepIds[at]!]! += ids[at]!;
  return result;
};

test('the losses see the same sums packed and padded', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 30 }), (batch, room) => {
      const padded = collate(batch, { padId: 0 });
      const [count, steps] = padded.credits.shape as [number, number];
      const width = padded.ids.shape[1]!;
      const packed = packExamples(batch, { padId: 0, length: width + room });
      const flat = padded.stepIds.data.map((step, at) => (step < 0 ? -1 : Math.floor(at / width) * steps + step));
      expect(sums(packed.stepIds.data, packed.ids.data, count * steps)).toEqual(
        sums(flat, padded.ids.data, count * steps),
      );
      expect(packed.credits).toEqual(padded.credits);
      expect(packed.mask).toEqual(padded.mask);
      expect(packed.referenceLogps).toEqual(padded.referenceLogps);
    }),
  );
});

test('every example stands in one row, in one piece, with positions from 0', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 30 }), (batch, room) => {
      const longest = Math.max(...batch.map(({ ids }) => ids.length));
      const packed = packExamples(batch, { padId: 7, length: longest + room });
      const width = packed.ids.shape[1]!;
      const found: number[][] = [];
      packed.lengths.forEach((length, row) => {
        const part = ({ data }: TensorData) => [...data.slice(row * width, row * width + length)];
        const [ids, segments, positions] = [part(packed.ids), part(packed.segments), part(packed.positions)];
        expect(
          [...packed.segments.data.slice(row * width + length, (row + 1) * width)].every((segment) => segment === -1),
        ).toBe(true);
        for (let segment = 0; segment <= Math.max(...segments); segment++) {
          const places = segments.flatMap((value, at) => (value === segment ? [at] : []));
          expect(places.map((at) => positions[at])).toEqual(places.map((_, index) => index));
          expect(places.at(-1)! - places[0]!).toBe(places.length - 1);
          found.push(places.map((at) => ids[at]!));
        }
      });
      const key = (ids: readonly number[]) => ids.join();
      expect(found.map(key).toSorted()).toEqual(batch.map(({ ids }) => key(ids)).toSorted());
    }),
  );
});

test('padding all but goes: a hundred examples of 1 to 100 tokens in rows of 100', () => {
  const batch = Array.from({ length: 100 }, (_, i) => ({
    ids: Array(i + 1).fill(1),
    stepIds: Array(i + 1).fill(0),
    credits: [1],
    terminal: true,
  }));
  const packed = packExamples(batch, { padId: 0, length: 100 });
  // 5,050 tokens need 51 rows at least.
  expect(packed.ids.shape).toEqual([51, 100]);
});

test('T is rounded up; what is longer than it is an error', () => {
  const example = { ids: [1, 2, 3], stepIds: [0, 0, 0], credits: [1], terminal: true };
  expect(packExamples([example], { padId: 0, multipleOf: 4 }).ids.shape).toEqual([1, 4]);
  expect(() => packExamples([example], { padId: 0, length: 2 })).toThrow(
    'packExamples: length must be a positive integer of at least 3, got 2',
  );
  expect(() => packExamples([], { padId: 0 })).toThrow('must hold at least one');
});
