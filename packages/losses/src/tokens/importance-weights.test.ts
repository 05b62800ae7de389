import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import * as reference from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { type Arrays, toTensor } from '../test-support/cases/arrays.ts';
import { numbers } from '../test-support/cases/golden.ts';
import { goldenTokens } from '../test-support/cases/golden-tokens.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32, expectFloat64 } from '../test-support/running/close.ts';
import { importanceWeights } from './importance-weights.ts';

const drawn = inputsOf(
  {
    policyLogps: { shape: 'B S', kind: 'logps' },
    behaviorLogps: { shape: 'B S', kind: 'reference' },
    mask: { shape: 'B S', kind: 'mask' },
  },
  3,
);

async function run(inputs: Arrays, options: object = {}): Promise<number[]> {
  const [policy, behavior, mask] = ['policyLogps', 'behaviorLogps', 'mask'].map((name) => toTensor(inputs[name]!));
  return Array.from(await importanceWeights(policy!, behavior!, mask!, options).data());
}

onBackend('importanceWeights', () => {
  test('golden dqo.is_weight', async () => {
    const inputs = { ...goldenTokens, behaviorLogps: goldenTokens.referenceLogps };
    expectFloat64(
      reference.importanceWeights(inputs.policyLogps, inputs.behaviorLogps, inputs.mask),
      numbers('dqo.is_weight', 'w'),
    );
    expectFloat32(await run(inputs), numbers('dqo.is_weight', 'w'));
  });

  test('law: equals the reference', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.constantFrom(1, Math.E, 10), async (inputs, clip) => {
        const exact = reference.importanceWeights(
          inputs.policyLogps as Matrix,
          inputs.behaviorLogps as Matrix,
          inputs.mask as Matrix,
          { clip },
        );
        expectFloat32(await run(inputs, { clip }), exact);
      }),
    );
  });

  test('law: in [0, clip] for log-ratios up to 1e5: never overflows, never NaN', async () => {
    const far = fc.integer({ min: -100000, max: 100000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(far, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0.5, 1, Math.E),
        async (logps, clip) => {
          const [w] = await run(
            { policyLogps: [logps], behaviorLogps: [logps.map(() => 0)], mask: [logps.map(() => 1)] },
            { clip },
          );
          expect(w).toBeGreaterThanOrEqual(0);
          expect(w).toBeLessThanOrEqual(clip * (1 + 1e-6));
        },
      ),
    );
  });

  test('law: 1 where the policies agree, and non-decreasing in the log-ratio', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 1, max: 40 }), async (ratio, more) => {
        const at = async (x: number): Promise<number> =>
          (await run({ policyLogps: [[x]], behaviorLogps: [[0]], mask: [[1]] }))[0]!;
        expect(await at(0)).toBe(1);
        expect(await at(ratio + more)).toBeGreaterThanOrEqual(await at(ratio));
      }),
    );
  });

  test('law: the weight of a row is the product of its tokens’ weights below the cap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -40, max: 0 }), fc.integer({ min: -40, max: 0 }), async (a, b) => {
        const at = async (...xs: number[]): Promise<number> =>
          (await run({ policyLogps: [xs], behaviorLogps: [xs.map(() => 0)], mask: [xs.map(() => 1)] }))[0]!;
        expectFloat32([await at(a / 8, b / 8)], [(await at(a / 8)) * (await at(b / 8))]);
      }),
    );
  });

  test('law: nothing flows back through it', async () => {
    const behavior = tf.tensor2d([[-2]]);
    const mask = tf.tensor2d([[1]]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(x, importanceWeights(x, behavior, mask))))(tf.tensor2d([[-1.5]]));
    expect((await gradient.data())[0]).toBeCloseTo(Math.exp(0.5), 5);
  });

  test('edge: a row without valid tokens has weight 1, whatever it holds', async () => {
    expect(await run({ policyLogps: [[Number.NaN]], behaviorLogps: [[0]], mask: [[0]] })).toEqual([1]);
  });

  test('errors: clip and shapes', async () => {
    const one = { policyLogps: [[0]], behaviorLogps: [[0]], mask: [[1]] };
    await expect(async () => await run(one, { clip: 0 })).rejects.toThrow(
      'importanceWeights: clip must be a finite number > 0, got 0',
    );
    await expect(async () => await run({ ...one, mask: [1] })).rejects.toThrow(
      'importanceWeights: mask must be [B, T] = [1, 1] as in policyLogps, got [1]',
    );
  });
});
