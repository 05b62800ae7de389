import { tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import { toTensors } from '../test-support/cases/arrays.ts';
import { readGolden } from '../test-support/cases/golden.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { readMetrics } from '../test-support/running/read-metrics.ts';
import { policyGradientMetrics } from './policy-gradient-metrics.ts';

const { batch, cases } = readGolden<{
  readonly batch: Readonly<Record<string, Matrix>>;
  readonly cases: readonly {
    readonly source: string;
    readonly options: Readonly<Record<string, number>>;
    readonly metrics?: Readonly<Record<string, number>>;
  }[];
}>('losses-policy-gradient.json');
const { referenceLogps: _, ...inputs } = batch;
const measured = cases.filter(({ metrics }) => metrics?.['clip_ratio/low_mean'] !== undefined);

onBackend('policyGradientMetrics', () => {
  test.each(measured.map((run, k) => [`${k}, ${run.source}`, run] as const))('golden %s', async (_name, run) => {
    const { clipLow, clipHigh } = run.options;
    const own = await readMetrics(policyGradientMetrics(toTensors(inputs) as never, { clipLow, clipHigh } as never));
    for (const [name, value] of Object.entries(run.metrics!)) expect(own[name as never]).toBeCloseTo(value, 6);
  });

  test('golden verl: ppo_kl is the mean of −Δ', async () => {
    const { metrics } = cases.find((run) => run.metrics?.['actor/ppo_kl'] !== undefined)!;
    const own = await readMetrics(policyGradientMetrics(toTensors(inputs) as never));
    // kl/behavior = mean of ρ − 1 − Δ.
    expect(own['kl/behavior'] - (own['ratio/mean'] - 1)).toBeCloseTo(metrics!['actor/ppo_kl']!, 5);
  });

  test('by hand: ρ = e^½, 1, e^−½, entropies of 2, 4 and 1 equally likely tokens', async () => {
    const own = await readMetrics(
      policyGradientMetrics(
        toTensors({
          policyLogps: [[-1, -2, -3, 7]],
          behaviorLogps: [[-1.5, -2, -2.5, 0]],
          advantages: [[1, 1, -2, 9]],
          mask: [[1, 1, 1, 0]],
          entropies: [[Math.LN2, 2 * Math.LN2, 0, 5]],
        }) as never,
      ),
    );
    const expected = {
      'clip_ratio/high_mean': 1 / 3,
      'clip_ratio/low_mean': 1 / 3,
      'clip_ratio/region_mean': 2 / 3,
      'kl/behavior': (Math.exp(0.5) - 1.5 + Math.exp(-0.5) - 0.5) / 3,
      'ratio/mean': (Math.exp(0.5) + 1 + Math.exp(-0.5)) / 3,
      'advantages/mean': 0,
      'logps/tokens': -2,
      'entropy/tokens': Math.LN2,
    };
    expect(Object.keys(own).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected)) expect(own[name as never], name).toBeCloseTo(value, 6);
  });

  test('law: on fresh data the ratio is 1, nothing is cut and the mismatch is 0', async () => {
    const own = await readMetrics(
      policyGradientMetrics(toTensors({ ...inputs, behaviorLogps: inputs.policyLogps! }) as never),
    );
    expect([own['kl/behavior'], own['clip_ratio/region_mean'], own['ratio/mean']]).toEqual([0, 0, 1]);
  });

  test('nothing valid is 0 throughout', async () => {
    const row = tf.ones([1, 2]);
    const none = policyGradientMetrics({
      policyLogps: row,
      behaviorLogps: row,
      advantages: row,
      mask: tf.zeros([1, 2]),
    });
    expect(new Set(Object.values(await readMetrics(none)))).toEqual(new Set([0]));
  });

  test('errors: shapes, clips, options', () => {
    const row = tf.ones([1, 2]);
    const good = { policyLogps: row, behaviorLogps: row, advantages: row, mask: row };
    expect(() => policyGradientMetrics({ ...good, advantages: tf.ones([2]) })).toThrow(
      'policyGradientMetrics: advantages',
    );
    expect(() => policyGradientMetrics(good, { clipLow: 2 })).toThrow(
      'policyGradientMetrics: clipLow must be in [0, 1]',
    );
    expect(() => policyGradientMetrics(good, { clipHigh: 0 })).toThrow('clipHigh must be a finite number > 0, got 0');
    expect(() => policyGradientMetrics({ ...good, entropies: tf.ones([2]) })).toThrow(
      'policyGradientMetrics: entropies',
    );
    expect(() => policyGradientMetrics(good, { clip: 1 } as never)).toThrow("unknown option 'clip'");
  });
});
