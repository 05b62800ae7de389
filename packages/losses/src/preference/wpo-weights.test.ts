import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as reference from '../reference/index.ts';
import { readAll } from '../test-support/cases/arrays.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { collisionLogps, wpoWeights } from './wpo-weights.ts';

const logits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }).map(Math.fround), { minLength: 1, maxLength: 6 });
const collisions = async (z: readonly number[]): Promise<number> =>
  (await readAll(() => [collisionLogps(tf.tensor3d([[[...z]]]))]))[0]![0]!;

onBackend('collisionLogps', () => {
  test('law: equals log Σ p² of the softmax', () =>
    fc.assert(
      fc.asyncProperty(logits, async (z) => {
        expectFloat32([await collisions(z)], reference.collisionLogps([[z]]).flat(), 1e6);
      }),
    ));

  test('law: −log V where all tokens are alike, and 0 where one is certain', async () => {
    for (const size of [1, 2, 5])
      expectFloat32([await collisions(new Array<number>(size).fill(3))], [-Math.log(size)], 1e6);
    expect(Math.abs(await collisions([1e4, 0, -1e4]))).toBe(0);
  });

  test('law: a constant added to all logits changes nothing, and nothing flows back', async () => {
    expectFloat32([await collisions([1, 2, 3])], [await collisions([501, 502, 503])], 1e8);
    const [gradient] = await readAll(() => [
      tf.grad((z) => tf.add(tf.sum(collisionLogps(z)), tf.sum(z)))(tf.tensor3d([[[1, 2]]])),
    ]);
    expect(gradient).toEqual([1, 1]);
  });

  test('errors: logits of another rank', () => {
    expect(() => collisionLogps(tf.zeros([2, 3]))).toThrow('collisionLogps: logits must be [B, T, V], got [2, 3]');
  });
});

onBackend('wpoWeights of a model', () => {
  test('law: at most 1 a token on average over the model’s own draws: Σ_y p(y)·p(y)/Σ p² = 1', () =>
    fc.assert(
      fc.asyncProperty(logits, async (z) => {
        const total = z.reduce((sum, x) => sum + Math.exp(x - Math.max(...z)), 0);
        const probs = z.map((x) => Math.exp(x - Math.max(...z)) / total);
        const [weights] = await readAll(() => {
          const at = (row: readonly number[]) => tf.tensor2d(row.map((x) => [x]));
          const collision = reference.collisionLogps([[z]])[0]![0]!;
          return [
            wpoWeights({
              policyLogps: at(probs.map((p) => Math.max(Math.log(p), -1e5))),
              collisionLogps: at(probs.map(() => collision)),
              mask: at(probs.map(() => 1)),
            }),
          ];
        });
        expect(weights!.reduce((sum, w, j) => sum + w * probs[j]!, 0)).toBeCloseTo(1, 4);
      }),
    ));
});
