import { tf, valueAndGrads } from '@svo/tensor';
import { expect, test } from 'vitest';
import { dvoLoss } from '../steps/dvo.ts';
import { toTensors } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { readMetrics } from '../test-support/running/read-metrics.ts';
import { stepMetrics } from './step-metrics.ts';

onBackend('stepMetrics', () => {
  test('by hand, over valid steps only', async () => {
    const batch = {
      policyLogps: [
        [-1, -4],
        [-2, Number.NaN],
      ],
      referenceLogps: [
        [-2, -2],
        [-2, Number.NaN],
      ],
      credits: [
        [0.5, 0],
        [-1, Number.NaN],
      ],
      mask: [
        [1, 1],
        [1, 0],
      ],
    };
    // Δ = (1, −2, 0), rewards (0.5, −1, 0), residuals (0, −1, 1); credits of 0 have no direction, and Δ = 0 follows none.
    const third = (x: number) => expect.closeTo(x / 3, 6);
    expect(await readMetrics(stepMetrics(toTensors(batch) as never, { beta: 0.5 }))).toEqual({
      kl: third(-1),
      'credits/mse': third(2),
      'credits/mean': third(-0.5),
      'credits/accuracies': 0.5,
      'rewards/mean': third(-0.5),
      'rewards/chosen': 0.5,
      'rewards/rejected': 0,
      'logps/steps': third(-7),
    });
  });

  test('kl has TRL’s sign: the policy above its reference is positive; trajectories of any length weigh by their steps', async () => {
    const batch = {
      policyLogps: [
        [-1, -1, -1],
        [-5, 0, 0],
      ],
      referenceLogps: [
        [-3, -3, -3],
        [-3.5, 0, 0],
      ],
      credits: [
        [0, 0, 0],
        [1, 0, 0],
      ],
      mask: [
        [1, 1, 1],
        [1, 0, 0],
      ],
    };
    const metrics = await readMetrics(stepMetrics(toTensors(batch) as never, { beta: 0.5 }));
    expect(metrics.kl).toBeCloseTo((3 * 2 - 1.5) / 4, 6); // 1.125
    expect(metrics['credits/mse']).toBeCloseTo((3 * 1 + 1.75 ** 2) / 4, 6);
  });

  test('nothing valid is 0 throughout, and nothing flows back', async () => {
    const [policyLogps, rest] = [tf.ones([2, 2]), tf.ones([2, 2])];
    const inputs = { policyLogps, referenceLogps: rest, credits: rest };
    const none = await readMetrics(stepMetrics({ ...inputs, mask: tf.zeros([2, 2]) }));
    expect(new Set(Object.values(none))).toEqual(new Set([0]));
    const gradientOf = async (withMetrics: boolean) => {
      const { gradients } = valueAndGrads(
        (params) => {
          const all = { ...inputs, ...params, mask: tf.ones([2, 2]) };
          const loss = dvoLoss(all);
          return withMetrics ? (tf.add(loss, stepMetrics(all).kl) as tf.Scalar) : loss;
        },
        { policyLogps },
      );
      return gradients.policyLogps.data();
    };
    expect(await gradientOf(true)).toEqual(await gradientOf(false));
  });

  test('errors: shapes, β, options', () => {
    const inputs = {
      policyLogps: tf.ones([1, 2]),
      referenceLogps: tf.ones([1, 2]),
      credits: tf.ones([1, 2]),
      mask: tf.ones([1, 2]),
    };
    expect(() => stepMetrics({ ...inputs, credits: tf.ones([1, 3]) })).toThrow('stepMetrics: credits must be');
    expect(() => stepMetrics(inputs, { beta: -1 })).toThrow('stepMetrics: beta must be a finite number > 0, got -1');
    expect(() => stepMetrics(inputs, { bets: 1 } as never)).toThrow("unknown option 'bets' (did you mean 'beta'?)");
  });
});
