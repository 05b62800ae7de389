import { tf } from '@svo/tensor';
import { expect, it } from 'vitest';
import { stepMetrics } from './step-metrics.ts';

it('stepMetrics are the definitions, by hand, over valid steps only', () => {
  const grid = (...rows: number[][]) => tf.tensor2d(rows);
  const metrics = stepMetrics(
    {
      policyLogps: grid([-1, -4], [-2, Number.NaN]),
      referenceLogps: grid([-2, -2], [-2, Number.NaN]),
      credits: grid([0.5, 0], [1, Number.NaN]),
      mask: grid([1, 1], [1, 0]),
    },
    { beta: 0.5 },
  );
  // Δ = (1, −2, 0), rewards (0.5, −1, 0), residuals (0, −1, −1).
  const values = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value.dataSync()[0]]));
  const third = (x: number) => expect.closeTo(x / 3, 6);
  expect(values).toEqual({
    'credits/mse': third(2),
    'credits/mean': third(1.5),
    'rewards/mean': third(-0.5),
    'logps/steps': third(-7),
    kl: third(1),
  });
});
