import { tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { scoredRows, stepEndRows } from './scored-rows.ts';

const stepIds = { data: Int32Array.from([-1, 0, 0, 1, 0, -1, 2, 2]), shape: [2, 4] };

beforeAll(async () => {
  await useBackend('cpu');
});

test('a scored token is predicted by the row before it; the first of a sequence by none', () => {
  expect(scoredRows([2, 4], stepIds)).toEqual({
    rows: Int32Array.of(0, 1, 2, 5, 6),
    targets: Int32Array.of(1, 2, 3, 6, 7),
    places: Int32Array.of(0, 1, 2, 3, 0, 0, 4, 5),
  });
});

test('without marks every token but the first is scored', () => {
  expect([...scoredRows([2, 3]).targets]).toEqual([1, 2, 4, 5]);
  expect(scoredRows([3, 1]).rows.length).toBe(0);
});

test('tensors and host data give the same', () => {
  const tensor = tf.tensor2d(stepIds.data, [2, 4], 'int32');
  expect(scoredRows([2, 4], tensor)).toEqual(scoredRows([2, 4], stepIds));
  expect(stepEndRows([2, 4], tensor, 3)).toEqual(stepEndRows([2, 4], stepIds, 3));
});

test('a step ends at its last token, even the first of a sequence; absent steps have no place', () => {
  expect(stepEndRows([2, 4], stepIds, 3)).toEqual({
    rows: Int32Array.of(2, 3, 4, 7),
    places: Int32Array.of(1, 2, 0, 3, 0, 4),
  });
});

test('errors name what is wrong', () => {
  expect(() => scoredRows([1, 8], stepIds)).toThrow(/scored must have the shape of ids \[1, 8\], got \[2,4\]/);
  expect(() => stepEndRows([4, 2], stepIds, 3)).toThrow(/stepIds must have the shape of ids \[4, 2\], got \[2,4\]/);
  expect(() => stepEndRows([2, 4], stepIds, 2)).toThrow(/stepIds must be below steps = 2, got 2/);
});
