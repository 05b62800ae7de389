import { evaluate, tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { atLeastOne } from './counts.ts';
import { onBackend } from './testing/backend.ts';

onBackend('atLeastOne', () => {
  test('max(count, 1), NaN kept', () => {
    const counts = evaluate({ x: tf.tensor1d([0, 1, 2.5, -3, 1000]) }, [5], (math, { x }) => atLeastOne(math, x));
    expect(Array.from(counts.dataSync())).toEqual([1, 1, 2.5, 1, 1000]);
    expect(
      evaluate({ x: tf.tensor1d([Number.NaN]) }, [1], (math, { x }) => atLeastOne(math, x)).dataSync()[0],
    ).toBeNaN();
  });
});
