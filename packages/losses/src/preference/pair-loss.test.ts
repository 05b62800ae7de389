import { ShapeError, tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { evaluateLoss, toTensors } from '../testing/arrays.ts';
import { onBackend } from '../testing/backend.ts';
import { marginLoss, pairLoss } from './pair-loss.ts';

const pairs = {
  policyChosenLogps: [3, 1],
  policyRejectedLogps: [2, 5],
  referenceChosenLogps: [1, 1],
  referenceRejectedLogps: [1, 1],
};
const trained = ['policyChosenLogps', 'policyRejectedLogps'];

onBackend('pairLoss', () => {
  test('hands the formula log-ratios, averages its terms, and sends each side its slope', async () => {
    const { value, gradients } = await evaluateLoss(
      (t) =>
        pairLoss('f', t as never, {}, (math, w, l) => ({
          losses: math.mul(w, l),
          slopes: () => ({ chosen: l, rejected: w }),
        })),
      pairs,
      trained,
    );
    expect(value).toBe((2 * 1 + 0 * 4) / 2);
    expect(gradients).toEqual({ policyChosenLogps: [0.5, 2], policyRejectedLogps: [1, 0] });
  });

  test('a margin’s slope goes to the chosen side, and negated to the rejected', async () => {
    const { value, gradients } = await evaluateLoss(
      (t) =>
        marginLoss('f', t as never, { normalizer: 4 }, (math, h) => ({
          losses: math.square(h),
          slope: () => math.mul(2, h),
        })),
      pairs,
      trained,
    );
    expect(value).toBe((1 + 16) / 4);
    expect(gradients).toEqual({ policyChosenLogps: [0.5, -2], policyRejectedLogps: [-0.5, 2] });
  });

  test('a pair of weight 0 is out, whatever it holds; other weights multiply value and gradient', async () => {
    const { value, gradients } = await evaluateLoss(
      (t) => marginLoss('f', t as never, {}, (math, h) => ({ losses: math.square(h), slope: () => math.mul(2, h) })),
      { ...pairs, policyChosenLogps: [3, Number.NaN], pairWeights: [0.5, 0] },
      trained,
    );
    expect(value).toBe(0.25);
    expect(gradients).toEqual({ policyChosenLogps: [0.5, 0], policyRejectedLogps: [-0.5, 0] });
  });

  test('errors: the caller’s name, and every input that is off', () => {
    const tensors = {
      ...toTensors(pairs),
      referenceChosenLogps: tf.zeros([3]),
      referenceRejectedLogps: tf.zeros([2, 1]),
    };
    const call = () =>
      pairLoss('someLoss', tensors as never, {}, (_, w, l) => ({
        losses: w,
        slopes: () => ({ chosen: w, rejected: l }),
      }));
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(
      'someLoss: referenceChosenLogps must be [B] = [2] as in policyChosenLogps, got [3]; referenceRejectedLogps must be [B]',
    );
  });
});
