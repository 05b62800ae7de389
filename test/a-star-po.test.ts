/** A*-PO, of two packages: V* of some draws (`optimalValue`), then DRO's square around it. Against its public code, run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { droPolicyLoss } from '@svo/losses';
import * as reference from '@svo/losses/reference';
import { optimalValue } from '@svo/mcts';
import { tf, useBackend, valueAndGrads } from '@svo/tensor';
import { expect, test } from 'vitest';

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden', 'a-star-po.json'), 'utf8'));
const { beta1, beta2, evaluations, policyLogps, referenceLogps, rewards } = golden;
// (β₂Δ − (r − V*))²: DRO's square has a ½ of its own.
const options = { tau: beta2, scale: 2 };
const close = (actual: ArrayLike<number>, expected: readonly number[], digits: number): void => {
  expect(actual.length).toBe(expected.length);
  Array.from(actual).forEach((x, k) => {
    expect(Math.abs(x - expected[k]!)).toBeLessThanOrEqual(10 ** -digits * Math.max(1, Math.abs(expected[k]!)));
  });
};

test('V* of the evaluations, and the loss around it, are those of the public code', async () => {
  const values = evaluations.map((draws: readonly number[]) => optimalValue(draws, { beta: beta1 }));
  close(values, golden.values, 12);
  const exact = reference.droPolicyLoss({ policyLogps, referenceLogps, values, rewards }, options);
  close([exact.value], [golden.value], 12);
  close(exact.gradients.policyLogps, golden.gradient, 12);
  await useBackend('cpu');
  const data = {
    referenceLogps: tf.tensor1d(referenceLogps),
    values: tf.tensor1d(values),
    rewards: tf.tensor1d(rewards),
  };
  const { value, gradients } = valueAndGrads((live) => droPolicyLoss({ ...data, ...live } as never, options), {
    policyLogps: tf.tensor1d(policyLogps),
  });
  close(value.dataSync(), [golden.value], 5);
  close(gradients.policyLogps!.dataSync(), golden.gradient, 5);
});

test('at the optimum, where β₂Δ = r − V*, there is no loss', () => {
  const [values, own] = [
    [0.25, -0.5],
    [1, -1],
  ];
  const logps = own.map((r, k) => (r - values[k]!) / beta2);
  const at = reference.droPolicyLoss({ policyLogps: logps, referenceLogps: [0, 0], values, rewards: own }, options);
  expect(at.value).toBeCloseTo(0, 12);
});
