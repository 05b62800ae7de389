import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../shapes/shape-error.ts';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { tokenLogps } from './token-logps.ts';

const [T, V] = [4, 5];
const sequence = fc.record({
  logits: fc.array(
    fc.array(fc.double({ min: -9, max: 9, noNaN: true }).map(Math.fround), { minLength: V, maxLength: V }),
    { minLength: T, maxLength: T },
  ),
  ids: fc.array(fc.integer({ min: 0, max: V - 1 }), { minLength: T, maxLength: T }),
});
const batches = fc.array(sequence, { minLength: 1, maxLength: 3 });

/** Entry t: log softmax(logits[t − 1])[ids[t]], in float64. */
const exact = ({ logits, ids }: { logits: number[][]; ids: number[] }): number[] =>
  ids.map((id, t) =>
    t === 0 ? 0 : logits[t - 1]![id]! - Math.log(logits[t - 1]!.reduce((a, z) => a + Math.exp(z), 0)),
  );
const tensors = (batch: { logits: number[][]; ids: number[] }[]) => ({
  logits: tf.tensor3d(batch.map((s) => s.logits)),
  ids: tf.tensor2d(
    batch.map((s) => s.ids),
    [batch.length, T],
    'int32',
  ),
});

onBackend('tokenLogps', () => {
  test('law: log p(ids[t] | ids[<t]) aligned with ids, entry 0 is 0', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const { logits, ids } = tensors(batch);
        const actual = Array.from(tokenLogps(logits, ids).dataSync());
        batch.flatMap(exact).forEach((expected, i) => {
          expect(Math.abs(actual[i]! - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
        });
      }),
    );
  });

  test('law: the gradient is onehot − softmax on the predicting row, and its rows add up to 0', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const { logits, ids } = tensors(batch);
        const gradient = Array.from(
          tf
            .grad((z) => tf.sum(tokenLogps(z, ids)))(logits)
            .dataSync(),
        );
        batch.forEach((s, b) => {
          s.logits.forEach((z, t) => {
            const total = z.reduce((a, x) => a + Math.exp(x), 0);
            const row = gradient.slice((b * T + t) * V, (b * T + t + 1) * V);
            expect(Math.abs(row.reduce((a, g) => a + g, 0))).toBeLessThan(1e-5);
            row.forEach((g, j) => {
              const expected = t === T - 1 ? 0 : Number(j === s.ids[t + 1]) - Math.exp(z[j]!) / total;
              expect(Math.abs(g - expected)).toBeLessThan(1e-5);
            });
          });
        });
      }),
    );
  });

  test('law: a constant added to a row of logits changes nothing; 1000 does not overflow', () => {
    fc.assert(
      fc.property(batches, fc.constantFrom(-1000, 1, 1000), (batch, shift) => {
        const { logits, ids } = tensors(batch);
        const [plain, moved] = [tokenLogps(logits, ids), tokenLogps(tf.add(logits, shift), ids)].map((x) =>
          Array.from(x.dataSync()),
        );
        plain!.forEach((x, i) => {
          expect(Math.abs(moved![i]! - x)).toBeLessThan(1e-3);
        });
      }),
    );
  });

  test('an id outside the vocabulary is NaN, said aloud; its neighbours are untouched', () => {
    const ids = tf.tensor2d([[0, 5, 1, -1]], [1, 4], 'int32');
    const [first, unknown, known, negative] = tokenLogps(tf.zeros([1, 4, 5]), ids).dataSync();
    expect([first, known]).toEqual([0, Math.fround(-Math.log(5))]);
    expect([unknown, negative]).toEqual([Number.NaN, Number.NaN]);
  });

  test('errors: ranks, sizes and the type of ids', () => {
    const ids = tf.zeros([1, 4], 'int32');
    expect(() => tokenLogps(tf.zeros([4, 5]), ids)).toThrow(ShapeError);
    expect(() => tokenLogps(tf.zeros([4, 5]), ids)).toThrow('tokenLogps: logits must be [B, T, V], got [4, 5]');
    expect(() => tokenLogps(tf.zeros([1, 3, 5]), ids)).toThrow(
      'tokenLogps: ids must be [B, T] = [1, 3] as in logits, got [1, 4]',
    );
    expect(() => tokenLogps(tf.zeros([1, 4, 5]), tf.zeros([1, 4]))).toThrow(
      'tokenLogps: ids must be int32, got float32',
    );
  });
});
