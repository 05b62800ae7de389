import { tf } from '@svo/tensor';
import { expect, it } from 'vitest';
import { preferenceMetrics } from './preference-metrics.ts';

it('preferenceMetrics are the definitions, by hand, under TRL names', () => {
  const metrics = preferenceMetrics(
    {
      policyChosenLogps: tf.tensor1d([-1, -4]),
      policyRejectedLogps: tf.tensor1d([-5, -2]),
      referenceChosenLogps: tf.tensor1d([-2, -2]),
      referenceRejectedLogps: tf.tensor1d([-3, -3]),
    },
    { beta: 0.5 },
  );
  // Chosen rewards 0.5·(1, −2), rejected 0.5·(−2, 1).
  expect(Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value.dataSync()[0]]))).toEqual({
    'logps/chosen': -2.5,
    'logps/rejected': -3.5,
    'rewards/chosen': -0.25,
    'rewards/rejected': -0.25,
    'rewards/margins': 0,
    'rewards/accuracies': 0.5,
  });
});
