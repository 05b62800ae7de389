import { expect, test } from 'vitest';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { maskedMean, maskedSum } from './masked.ts';

onBackend('maskedSum, maskedMean', () => {
  const x = () =>
    tf.tensor2d([
      [1, Number.NaN],
      [3, 8],
    ]);
  const mask = () =>
    tf.tensor2d([
      [1, 0],
      [1, 1],
    ]);

  test('over the valid slots; NaN elsewhere has no effect', () => {
    expect(maskedSum(x(), mask()).dataSync()[0]).toBe(12);
    expect(maskedMean(x(), mask()).dataSync()[0]).toBe(4);
    expect(
      tf
        .grad((input) => maskedMean(input, mask()))(x())
        .arraySync(),
    ).toEqual(
      [
        [1 / 3, 0],
        [1 / 3, 1 / 3],
      ].map((row) => row.map(Math.fround)),
    );
  });

  test('nothing valid is 0; a NaN in a valid slot stays', () => {
    expect(maskedMean(x(), tf.zeros([2, 2])).dataSync()[0]).toBe(0);
    expect(maskedMean(x(), tf.ones([2, 2])).dataSync()[0]).toBeNaN();
  });

  test('with a normalizer, parts add up to the whole', () => {
    expect(maskedMean(x(), mask(), { normalizer: 6 }).dataSync()[0]).toBe(2);
  });
});
