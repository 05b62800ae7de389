import { expect, test } from 'vitest';
import { onBackend } from '../test-support/running/backend.ts';
import { compute } from '../test-support/running/compute.ts';
import { atLeastOne } from './counts.ts';

onBackend('atLeastOne', () => {
  test('max(count, 1), NaN kept', async () => {
    expect(await compute({ x: [0, 1, 2.5, -3, 1000] }, ({ x }) => atLeastOne(x))).toEqual([1, 1, 2.5, 1, 1000]);
    expect(await compute({ x: [Number.NaN] }, ({ x }) => atLeastOne(x))).toEqual([Number.NaN]);
  });
});
