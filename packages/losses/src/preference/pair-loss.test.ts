import { ShapeError, tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { square } from '../formula/operations.ts';
import { evaluateLoss, toTensors } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { pairLoss } from './pair-loss.ts';

const pairs = {
  policyChosenLogps: [3, 1],
  policyRejectedLogps: [2, 5],
  referenceChosenLogps: [1, 1],
  referenceRejectedLogps: [1, 1],
};
const trained = ['policyChosenLogps', 'policyRejectedLogps'];
const particulars = { name: 'someLoss', source: 'this test', options: {}, golden: [] };
const product = pairLoss(particulars, ({ chosen, rejected }) => chosen.times(rejected));
const squared = pairLoss(particulars, ({ margin }) => square(margin));

onBackend('pairLoss', () => {
  test('hands the formula log-ratios, averages its terms, and sends each side its slope', async () => {
    const { value, gradients } = await evaluateLoss((t) => product(t as never), pairs, trained);
    expect(value).toBe((2 * 1 + 0 * 4) / 2);
    expect(gradients).toEqual({ policyChosenLogps: [0.5, 2], policyRejectedLogps: [1, 0] });
  });

  test('a margin’s slope goes to the chosen side, and negated to the rejected', async () => {
    const { value, gradients } = await evaluateLoss((t) => squared(t as never, { normalizer: 4 }), pairs, trained);
    expect(value).toBe((1 + 16) / 4);
    expect(gradients).toEqual({ policyChosenLogps: [0.5, -2], policyRejectedLogps: [-0.5, 2] });
  });

  test('a pair of weight 0 is out, whatever it holds; other weights multiply value and gradient', async () => {
    const { value, gradients } = await evaluateLoss(
      (t) => squared(t as never),
      { ...pairs, policyChosenLogps: [3, Number.NaN], pairWeights: [0.5, 0] },
      trained,
    );
    expect(value).toBe(0.25);
    expect(gradients.policyChosenLogps).toEqual([0.5, 0]);
    expect(gradients.policyRejectedLogps!.map(Math.abs)).toEqual([0.5, 0]);
  });

  test('errors: the caller’s name, and every input that is off', () => {
    const tensors = {
      ...toTensors(pairs),
      referenceChosenLogps: tf.zeros([3]),
      referenceRejectedLogps: tf.zeros([2, 1]),
    };
    const call = () => product(tensors as never);
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(
      'someLoss: referenceChosenLogps must be [B] = [2] as in policyChosenLogps, got [3]; referenceRejectedLogps must be [B]',
    );
  });
});
