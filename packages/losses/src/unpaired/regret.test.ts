import fc from 'fast-check';
import { expect, test } from 'vitest';
import { term } from '../formula/term.ts';
import { sigmoid } from '../reference/index.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';
import { compute } from '../test-support/running/compute.ts';
import { klBaseline, labelled, regret } from './regret.ts';

onBackend('regret', () => {
  test('law: w·σ(−s·u)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -40, max: 40 }),
        fc.constantFrom(-1, 1),
        fc.constantFrom(0.5, 2),
        async (u, s, w) => {
          const inputs = { sign: [s], weight: [w], reward: [u] };
          const loss = await compute(inputs, (x) => regret(x.sign, x.weight, x.reward));
          expectFloat32(loss, [w * sigmoid(-s * u)]);
        },
      ),
    );
  });

  test('labels become signs and class weights', async () => {
    const labels = [1, 0, -1, 2];
    expect(await compute({ labels }, (x) => labelled(x.labels, 3, 5).sign)).toEqual([1, -1, -1, 1]);
    expect(await compute({ labels }, (x) => labelled(x.labels, 3, 5).weight)).toEqual([3, 5, 5, 3]);
  });

  test('the baseline is a mean, never negative', async () => {
    const baseline = (row: number[]): Promise<number[]> => compute({ row }, (x) => klBaseline(x.row, term(row.length)));
    expect(await baseline([1, 2, 3])).toEqual([2]);
    expect(await baseline([1, -5])).toEqual([0]);
  });
});
