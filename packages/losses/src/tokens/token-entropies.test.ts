import { tf } from '@svo/tensor';
import { expect, test } from 'vitest';
import { onBackend } from '../test-support/running/backend.ts';
import { tokenEntropies } from './token-entropies.ts';

const at = async (...logits: number[]): Promise<number> => (await tokenEntropies(tf.tensor3d([[logits]])).data())[0]!;

onBackend('tokenEntropies', () => {
  test('closed forms: uniform, certain, two to one', async () => {
    expect(await at(3, 3, 3, 3)).toBeCloseTo(Math.log(4), 5);
    expect(await at(80, 0, 0)).toBeCloseTo(0, 6);
    expect(await at(Math.log(2), 0)).toBeCloseTo(Math.log(3) - (2 / 3) * Math.log(2), 5);
  });

  test('law: a constant added to all logits changes nothing; a forbidden token counts nothing', async () => {
    expect(await at(1, 2, 3)).toBeCloseTo(await at(-4, -3, -2), 5);
    expect(await at(1, 2, Number.NEGATIVE_INFINITY)).toBeCloseTo(await at(1, 2), 5);
  });

  test('law: its gradient is −p (log p + H)', async () => {
    const logits = tf.tensor3d([[[0.5, -1, 2]]]);
    const gradient = await tf
      .grad((x) => tf.sum(tokenEntropies(x)))(logits)
      .data();
    const p = [0.5, -1, 2].map(Math.exp).map((e, _, all) => e / all.reduce((a, b) => a + b, 0));
    const entropy = -p.reduce((sum, x) => sum + x * Math.log(x), 0);
    p.forEach((x, j) => {
      expect(gradient[j]).toBeCloseTo(-x * (Math.log(x) + entropy), 4);
    });
  });

  test('errors: shape', () => {
    expect(() => tokenEntropies(tf.zeros([2, 3]))).toThrow('tokenEntropies: logits must be [B, T, V], got [2, 3]');
  });
});
