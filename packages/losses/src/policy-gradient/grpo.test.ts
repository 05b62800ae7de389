import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateLoss } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { grpoLoss } from './grpo.ts';

const one = (logRatio: number, advantage: number, options: object = {}) =>
  evaluateLoss(
    (t) => grpoLoss(t as never, options),
    { policyLogps: [[logRatio]], behaviorLogps: [[0]], advantages: [[advantage]], mask: [[1]] },
    ['policyLogps'],
  );

onBackend('grpoLoss', () => {
  test('law: good tokens are cut above 1 + ε, bad ones below 1 − ε, and then get no gradient', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(-1, -0.5, -0.1, 0.1, 0.5, 1), fc.constantFrom(-2, -1, 1, 2), async (log, a) => {
        const ratio = Math.exp(Math.fround(log));
        const { value, gradients } = await one(log, a);
        const cut = a > 0 ? ratio > 1.2 : ratio < 0.8;
        expectFloat32([value], [-a * (cut ? (a > 0 ? 1.2 : 0.8) : ratio)]);
        expectFloat32(gradients.policyLogps!, [cut ? 0 : -a * ratio]);
      }),
    );
  });

  test('law: the dual clip bounds what one bad token can cost', async () => {
    const { value, gradients } = await one(5, -1, { dualClip: 3 });
    expectFloat32([value], [3]);
    expect(Math.abs(gradients.policyLogps![0]!)).toBe(0);
  });

  test('edge: a ratio of ∞ on a token of no advantage costs nothing', async () => {
    const { value, gradients } = await one(1e5, 0);
    expect([Math.abs(value), Math.abs(gradients.policyLogps![0]!)]).toEqual([0, 0]);
  });

  test('one tensor may be policy and behavior: only the policy learns', async () => {
    const gradient = tf.grad((x) =>
      grpoLoss({
        policyLogps: x as never,
        behaviorLogps: x as never,
        advantages: tf.ones([1, 2]),
        mask: tf.ones([1, 2]),
      }),
    );
    expectFloat32(Array.from(await gradient(tf.tensor2d([[-1, -2]])).data()), [-0.5, -0.5]);
  });
});
