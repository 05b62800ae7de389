import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PairArrays } from '../reference/index.ts';
import { toTensors } from '../test-support/cases/arrays.ts';
import { pairs } from '../test-support/cases/pair-case.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { isClose } from '../test-support/running/close.ts';
import { readMetrics } from '../test-support/running/read-metrics.ts';
import { pairMetrics } from './pair-metrics.ts';

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const byHand = {
  policyChosenLogps: [-1, -4],
  policyRejectedLogps: [-5, -2],
  referenceChosenLogps: [-2, -2],
  referenceRejectedLogps: [-3, -3],
};

onBackend('pairMetrics', () => {
  test('by hand', async () => {
    // Chosen rewards 0.5·(1, −2), rejected 0.5·(−2, 1).
    expect(await readMetrics(pairMetrics(toTensors(byHand) as never, { beta: 0.5 }))).toEqual({
      'logps/chosen': -2.5,
      'logps/rejected': -3.5,
      'rewards/chosen': -0.25,
      'rewards/rejected': -0.25,
      'rewards/margins': 0,
      'rewards/accuracies': 0.5,
    });
  });

  test('a pair of weight 0 is left out, whatever it holds; other weights do not count', async () => {
    const withNaN = { ...byHand, policyChosenLogps: [-1, Number.NaN], pairWeights: [3, 0] };
    expect(await readMetrics(pairMetrics(toTensors(withNaN) as never, { beta: 0.5 }))).toEqual({
      'logps/chosen': -1,
      'logps/rejected': -5,
      'rewards/chosen': 0.5,
      'rewards/rejected': -1,
      'rewards/margins': 1.5,
      'rewards/accuracies': 1,
    });
  });

  test('law: means of rewards, margins, orders and log-probs', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        const rows = inputs as unknown as PairArrays;
        const metrics = await readMetrics(pairMetrics(toTensors(inputs) as never, { beta: 0.5 }));
        const chosen = rows.policyChosenLogps.map((logp, i) => 0.5 * (logp - rows.referenceChosenLogps[i]!));
        const rejected = rows.policyRejectedLogps.map((logp, i) => 0.5 * (logp - rows.referenceRejectedLogps[i]!));
        const near = (name: keyof typeof metrics, expected: number): void =>
          expect(isClose(metrics[name], expected, 1e-4, 1e-4)).toBe(true);
        near('rewards/chosen', mean(chosen));
        near('rewards/rejected', mean(rejected));
        near('rewards/margins', mean(chosen) - mean(rejected));
        near('logps/chosen', mean(rows.policyChosenLogps));
        near('logps/rejected', mean(rows.policyRejectedLogps));
      }),
    );
  });

  test('errors: shapes, β, options', () => {
    const tensors = toTensors(byHand);
    expect(() => pairMetrics({ ...tensors, referenceChosenLogps: tf.zeros([3]) } as never)).toThrow(
      'pairMetrics: referenceChosenLogps must be',
    );
    expect(() => pairMetrics(tensors as never, { beta: 0 })).toThrow(
      'pairMetrics: beta must be a finite number > 0, got 0',
    );
    expect(() => pairMetrics(tensors as never, { betta: 5 } as never)).toThrow(
      "pairMetrics: unknown option 'betta' (did you mean 'beta'?)",
    );
  });
});
