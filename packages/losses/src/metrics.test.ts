import { type Scalar, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dvoMetrics, pairMetrics, valueMetrics } from './metrics.ts';
import type { DvoArrays, PairArrays } from './reference/index.ts';
import * as reference from './reference/index.ts';
import { inputsOf } from './testing/arbitraries.ts';
import { flat, toTensors } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { valueSpecs } from './testing/cases.ts';
import { isClose } from './testing/close.ts';
import { pairs } from './testing/pair-case.ts';

const read = async (metrics: Readonly<Record<string, Scalar>>): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(metrics).map(async ([name, scalar]) => [name, (await scalar.data())[0]])),
  );
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

onBackend('metrics', () => {
  test('law: pair metrics are the means of rewards, margins, orders and log-probs', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(1), async (inputs) => {
        const rows = inputs as unknown as PairArrays;
        const metrics = await read(pairMetrics(toTensors(inputs) as never, { beta: 0.5 }));
        const chosen = rows.policyChosenLogps.map((logp, i) => 0.5 * (logp - rows.referenceChosenLogps[i]));
        const rejected = rows.policyRejectedLogps.map((logp, i) => 0.5 * (logp - rows.referenceRejectedLogps[i]));
        const near = (name: string, expected: number): void =>
          expect(isClose(metrics[name], expected, 1e-4, 1e-4)).toBe(true);
        near('rewards/chosen', mean(chosen));
        near('rewards/rejected', mean(rejected));
        near('rewards/margins', mean(chosen) - mean(rejected));
        near('logps/chosen', mean(rows.policyChosenLogps));
        near('logps/rejected', mean(rows.policyRejectedLogps));
        expect(metrics['rewards/accuracies']).toBeGreaterThanOrEqual(0);
        expect(metrics['rewards/accuracies']).toBeLessThanOrEqual(1 + 1e-6);
      }),
    );
  });

  test('credits/mse is twice the paper’s loss; a step moved against its credit, or a masked one, is no hit', async () => {
    const batch = {
      policyLogps: [[-3, -7, 9]],
      referenceLogps: [[-4, -7.5, 0]],
      credits: [[0.5, -0.5, 1]],
      mask: [[1, 1, 0]],
    };
    const metrics = await read(dvoMetrics(toTensors(batch) as never));
    expect(metrics['credits/mse']).toBeCloseTo(2 * reference.dvoLoss(batch as DvoArrays).value, 6);
    expect(metrics.kl).toBeCloseTo(0.75, 6);
    expect(metrics['rewards/accuracies']).toBeCloseTo(0.5, 6);
  });

  test('law: explained variance is 1 for the targets, 0 for a constant, and blind to a constant shift', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(valueSpecs, 0.5), fc.constantFrom(0, 1, -2), async (inputs, shift) => {
        const valid = flat(inputs.targets).filter((_, i) => flat(inputs.mask)[i] > 0);
        fc.pre(valid.length > 1 && Math.max(...valid) - Math.min(...valid) > 1e-2);
        const explained = async (values: number[][]): Promise<number> =>
          (await read(valueMetrics(toTensors({ ...inputs, values }) as never)))['values/explained_variance'];
        const targets = inputs.targets as number[][];
        expect(await explained(targets.map((row) => row.map((y) => y + shift)))).toBeCloseTo(1, 2);
        expect(await explained(targets.map((row) => row.map(() => shift)))).toBeCloseTo(0, 2);
      }),
    );
  });

  test('nothing valid, or targets that do not vary: 0, not 0/0', async () => {
    const flatTargets = { values: [[0.5, 1]], targets: [[1, 1]], mask: [[1, 1]] };
    expect((await read(valueMetrics(toTensors(flatTargets) as never)))['values/explained_variance']).toBe(0);
    const none = await read(valueMetrics(toTensors({ ...flatTargets, mask: [[0, 0]] }) as never));
    expect(Object.values(none)).toEqual([0, 0]);
  });

  test('errors: shapes and β', () => {
    const tensors = toTensors({
      policyChosenLogps: [0],
      policyRejectedLogps: [0],
      referenceChosenLogps: [0],
      referenceRejectedLogps: [0],
    });
    expect(() => pairMetrics({ ...tensors, referenceChosenLogps: tf.zeros([2]) } as never)).toThrow(
      'pairMetrics: referenceChosenLogps must be',
    );
    expect(() => pairMetrics(tensors as never, { beta: 0 })).toThrow(
      'pairMetrics: beta must be a finite number > 0, got 0',
    );
  });
});
