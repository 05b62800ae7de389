import { evaluate, tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { onBackend } from '../testing/backend.ts';
import { atLeastOne } from './counts.ts';

onBackend('atLeastOne', () => {
  test('max(count, 1), NaN kept', async () => {
    const counts = evaluate({ x: tf.tensor1d([0, 1, 2.5, -3, 1000]) }, [5], (math, { x }) => atLeastOne(math, x));
    expect(Array.from(await counts.data())).toEqual([1, 1, 2.5, 1, 1000]);
    expect(
      (await evaluate({ x: tf.tensor1d([Number.NaN]) }, [1], (math, { x }) => atLeastOne(math, x)).data())[0],
    ).toBeNaN();
  });
});
