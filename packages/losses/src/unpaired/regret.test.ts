import { evaluate, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sigmoid } from '../reference/index.ts';
import { onBackend } from '../testing/backend.ts';
import { expectFloat32 } from '../testing/close.ts';
import { klBaseline, labelled, regret } from './regret.ts';

onBackend('regret', () => {
  test('law: w·σ(−s·u), with slope −s·w·σ(u)σ(−u)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -40, max: 40 }),
        fc.constantFrom(-1, 1),
        fc.constantFrom(0.5, 2),
        async (u, s, w) => {
          const inputs = { sign: tf.tensor1d([s]), weight: tf.tensor1d([w]), reward: tf.tensor1d([u]) };
          const loss = evaluate(inputs, [1], (math, x) => regret(math, x.sign, x.weight, x.reward).losses);
          const slope = evaluate(inputs, [1], (math, x) => regret(math, x.sign, x.weight, x.reward).slopes());
          expectFloat32(Array.from(await loss.data()), [w * sigmoid(-s * u)]);
          expectFloat32(Array.from(await slope.data()), [-s * w * sigmoid(u) * sigmoid(-u)]);
        },
      ),
    );
  });

  test('labels become signs and class weights', async () => {
    const labels = tf.tensor1d([1, 0, -1, 2]);
    const sign = evaluate({ labels }, [4], (math, x) => labelled(math, x.labels, 3, 5).sign);
    const weight = evaluate({ labels }, [4], (math, x) => labelled(math, x.labels, 3, 5).weight);
    expect(Array.from(await sign.data())).toEqual([1, -1, -1, 1]);
    expect(Array.from(await weight.data())).toEqual([3, 5, 5, 3]);
  });

  test('the baseline is a mean, never negative', async () => {
    const baseline = async (row: number[]): Promise<number> =>
      (await evaluate({ x: tf.tensor1d(row) }, [], (math, { x }) => klBaseline(math, x, row.length)).data())[0];
    expect(await baseline([1, 2, 3])).toBe(2);
    expect(await baseline([1, -5])).toBe(0);
  });
});
