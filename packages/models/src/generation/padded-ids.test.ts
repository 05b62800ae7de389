import { useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { paddedIds } from './padded-ids.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

test('rows of different lengths, zeros behind the shorter', () => {
  const rows = [[3, 1], [], [7, 8, 9]];
  expect(paddedIds(rows).arraySync()).toEqual([
    [3, 1, 0],
    [0, 0, 0],
    [7, 8, 9],
  ]);
  expect(paddedIds(rows).dtype).toBe('int32');
});
