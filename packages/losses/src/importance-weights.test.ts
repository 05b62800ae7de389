import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importanceWeights } from './importance-weights.ts';
import type { Matrix } from './reference/index.ts';
import * as reference from './reference/index.ts';
import { inputsOf } from './testing/arbitraries.ts';
import { type Arrays, toTensor } from './testing/arrays.ts';
import { onBackend } from './testing/backend.ts';
import { expectFloat32, expectFloat64 } from './testing/close.ts';
import { numbers } from './testing/golden.ts';
import { goldenTokens } from './testing/golden-tokens.ts';

const drawn = inputsOf(
  {
    policyLogps: { shape: 'B S', kind: 'logps' },
    behaviorLogps: { shape: 'B S', kind: 'reference' },
    mask: { shape: 'B S', kind: 'mask' },
  },
  3,
);

function run(inputs: Arrays, options: object = {}): number[] {
  const [policy, behavior, mask] = ['policyLogps', 'behaviorLogps', 'mask'].map((name) => toTensor(inputs[name]));
  return Array.from(importanceWeights(policy, behavior, mask, options).dataSync());
}

onBackend('importanceWeights', () => {
  test('golden dqo.is_weight', () => {
    const inputs = { ...goldenTokens, behaviorLogps: goldenTokens.referenceLogps };
    expectFloat64(
      reference.importanceWeights(inputs.policyLogps, inputs.behaviorLogps, inputs.mask),
      numbers('dqo.is_weight', 'w'),
    );
    expectFloat32(run(inputs), numbers('dqo.is_weight', 'w'));
  });

  test('law: equals the reference', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom(1, Math.E, 10), (inputs, clip) => {
        const exact = reference.importanceWeights(
          inputs.policyLogps as Matrix,
          inputs.behaviorLogps as Matrix,
          inputs.mask as Matrix,
          { clip },
        );
        expectFloat32(run(inputs, { clip }), exact);
      }),
    );
  });

  test('law: in [0, clip] for log-ratios up to 1e5: never overflows, never NaN', () => {
    const far = fc.integer({ min: -100000, max: 100000 });
    fc.assert(
      fc.property(fc.array(far, { minLength: 1, maxLength: 6 }), fc.constantFrom(0.5, 1, Math.E), (logps, clip) => {
        const [w] = run(
          { policyLogps: [logps], behaviorLogps: [logps.map(() => 0)], mask: [logps.map(() => 1)] },
          { clip },
        );
        expect(w).toBeGreaterThanOrEqual(0);
        expect(w).toBeLessThanOrEqual(clip * (1 + 1e-6));
      }),
    );
  });

  test('law: 1 where the policies agree, and non-decreasing in the log-ratio', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 1, max: 40 }), (ratio, more) => {
        const at = (x: number): number => run({ policyLogps: [[x]], behaviorLogps: [[0]], mask: [[1]] })[0];
        expect(at(0)).toBe(1);
        expect(at(ratio + more)).toBeGreaterThanOrEqual(at(ratio));
      }),
    );
  });

  test('law: the weight of a row is the product of its tokens’ weights below the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 0 }), fc.integer({ min: -40, max: 0 }), (a, b) => {
        const at = (...xs: number[]): number =>
          run({ policyLogps: [xs], behaviorLogps: [xs.map(() => 0)], mask: [xs.map(() => 1)] })[0];
        expectFloat32([at(a / 8, b / 8)], [at(a / 8) * at(b / 8)]);
      }),
    );
  });

  test('law: nothing flows back through it', () => {
    const behavior = tf.tensor2d([[-2]]);
    const mask = tf.tensor2d([[1]]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(x, importanceWeights(x, behavior, mask))))(tf.tensor2d([[-1.5]]));
    expect(gradient.dataSync()[0]).toBeCloseTo(Math.exp(0.5), 5);
  });

  test('edge: a row without valid tokens has weight 1, whatever it holds', () => {
    expect(run({ policyLogps: [[Number.NaN]], behaviorLogps: [[0]], mask: [[0]] })).toEqual([1]);
  });

  test('errors: clip and shapes', () => {
    const one = { policyLogps: [[0]], behaviorLogps: [[0]], mask: [[1]] };
    expect(() => run(one, { clip: 0 })).toThrow('importanceWeights: clip must be a finite number > 0, got 0');
    expect(() => run({ ...one, mask: [1] })).toThrow(
      'importanceWeights: mask must be [B, T] = [1, 1] as in policyLogps, got [1]',
    );
  });
});
