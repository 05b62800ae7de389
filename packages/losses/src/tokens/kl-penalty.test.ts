import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAll } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { klPenalty } from './kl-penalty.ts';

const logits = fc.array(fc.double({ min: -6, max: 6, noNaN: true }).map(Math.fround), { minLength: 4, maxLength: 4 });

/** Σ p (log p − log q) and its gradient p (log p − log q − KL), in float64. */
function exact(policy: readonly number[], reference: readonly number[]): { kl: number; gradient: number[] } {
  const logSoftmax = (z: readonly number[]): number[] => {
    const largest = Math.max(...z);
    const total = largest + Math.log(z.reduce((sum, x) => sum + Math.exp(x - largest), 0));
    return z.map((x) => x - total);
  };
  const [p, q] = [logSoftmax(policy), logSoftmax(reference)];
  const kl = p.reduce((sum, x, j) => sum + Math.exp(x) * (x - q[j]!), 0);
  return { kl, gradient: p.map((x, j) => Math.exp(x) * (x - q[j]! - kl)) };
}

const run = async (policy: readonly number[], reference: readonly number[]): Promise<number> =>
  (
    await klPenalty({
      policyLogits: tf.tensor([[policy as number[]]]),
      referenceLogits: tf.tensor([[reference as number[]]]),
    }).data()
  )[0]!;

onBackend('klPenalty', () => {
  test('law: value and gradient equal the closed form', async () => {
    await fc.assert(
      fc.asyncProperty(logits, logits, async (policy, reference) => {
        const expected = exact(policy, reference);
        expect(Math.abs((await run(policy, reference)) - expected.kl)).toBeLessThan(1e-5 * Math.max(1, expected.kl));
        const gradient = tf.grad((z) =>
          tf.sum(klPenalty({ policyLogits: z, referenceLogits: tf.tensor([[reference]]) })),
        )(tf.tensor([[policy]]));
        Array.from(await gradient.data()).forEach((g, j) => {
          expect(Math.abs(g - expected.gradient[j]!)).toBeLessThan(1e-4 * Math.max(1, expected.kl));
        });
      }),
    );
  });

  test('law: never negative but for rounding, 0 where the two agree or differ by a constant', async () => {
    await fc.assert(
      fc.asyncProperty(logits, logits, fc.integer({ min: -4, max: 4 }), async (policy, reference, shift) => {
        expect(await run(policy, reference)).toBeGreaterThan(-1e-6);
        expect(
          Math.abs(
            await run(
              policy,
              policy.map((z) => z + shift),
            ),
          ),
        ).toBeLessThan(1e-5);
      }),
    );
  });

  test('law: one number a position, independent of the others', async () => {
    const policyLogits = tf.tensor([
      [
        [1, 0],
        [0, 0],
      ],
      [
        [3, -1],
        [0, 2],
      ],
    ]);
    const referenceLogits = tf.zeros([2, 2, 2]);
    const kl = klPenalty({ policyLogits, referenceLogits });
    expect(kl.shape).toEqual([2, 2]);
    expectFloat32(
      Array.from(await kl.data()),
      [
        [1, 0],
        [0, 0],
        [3, -1],
        [0, 2],
      ].map((z) => exact(z, [0, 0]).kl),
      1e6,
    );
  });

  test('law: infinite certainty costs log V against a uniform reference', async () => {
    expect(await run([1000, 0, 0, 0], [0, 0, 0, 0])).toBeCloseTo(Math.log(4), 5);
  });

  test('edge: a forbidden token counts nothing, in value and gradient; one only the reference forbids is ∞', async () => {
    const no = Number.NEGATIVE_INFINITY;
    expect(await run([1, no, 3], [0, no, 0])).toBeCloseTo(exact([1, 3], [0, 0]).kl, 5);
    expect(await run([1, no, 3], [0, 5, 0])).toBeCloseTo(exact([1, -1e4, 3], [0, 5, 0]).kl, 5);
    expect(await run([1, 2], [1, no])).toBe(Number.POSITIVE_INFINITY);
    const [gradient] = await readAll(() => [
      tf.grad((z) => tf.sum(klPenalty({ policyLogits: z, referenceLogits: tf.tensor([[[0, no, 0]]]) })))(
        tf.tensor([[[1, no, 3]]]),
      ),
    ]);
    expect(gradient![1]).toBe(0);
    expectFloat32([gradient![0]!, gradient![2]!], exact([1, 3], [0, 0]).gradient, 1e8);
  });

  test('edge: logits of 1e5 and a batch of no rows', async () => {
    expect(await run([1e5, -1e5], [1e5, -1e5])).toBe(0);
    expect(await run([1e5, -1e5], [-1e5, 1e5])).toBe(2e5);
    const none = { policyLogits: tf.zeros([0, 2, 3]), referenceLogits: tf.zeros([0, 2, 3]) };
    expect((await readAll(() => [klPenalty(none)]))[0]).toEqual([]);
  });

  test('errors: shapes', () => {
    const call = () => klPenalty({ policyLogits: tf.zeros([1, 2, 3]), referenceLogits: tf.zeros([1, 2, 4]) });
    expect(call).toThrow('klPenalty: referenceLogits must be [B, T, V] = [1, 2, 3] as in policyLogits, got [1, 2, 4]');
  });
});
