import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../shapes/shape-error.ts';
import { onBackend } from '../test-support/on-backend.ts';
import { tf } from '../tf.ts';
import { stepLogps } from './step-logps.ts';

const tokens = 7;
const row = fc.record({
  logps: fc.array(
    fc.integer({ min: -64, max: 0 }).map((k) => k / 8),
    { minLength: tokens, maxLength: tokens },
  ),
  ids: fc.array(fc.integer({ min: -1, max: 3 }), { minLength: tokens, maxLength: tokens }),
});
const rows = fc.array(row, { minLength: 1, maxLength: 4 });
const tensors = (batch: { logps: number[]; ids: number[] }[]) => ({
  logps: tf.tensor2d(batch.map(({ logps }) => logps)),
  ids: tf.tensor2d(
    batch.map(({ ids }) => ids),
    [batch.length, tokens],
    'int32',
  ),
});

onBackend('stepLogps', () => {
  test('law: each step’s sum, as written with a filter', () => {
    fc.assert(
      fc.property(rows, (batch) => {
        const { logps, ids } = tensors(batch);
        const expected = batch.map((r) =>
          [0, 1, 2, 3].map((k) => r.logps.filter((_, t) => r.ids[t] === k).reduce((a, b) => a + b, 0)),
        );
        expect(stepLogps(logps, ids, 4).arraySync()).toEqual(expected);
      }),
    );
  });

  test('law: the gradient is a gather: every token of a step receives what the step does, others 0', () => {
    fc.assert(
      fc.property(rows, (batch) => {
        const { logps, ids } = tensors(batch);
        const upstream = tf.tensor2d(batch.map((_, b) => [1, 2, 3, 4].map((k) => k + 10 * b)));
        const gradient = tf.grad((x) => tf.sum(tf.mul(upstream, stepLogps(x, ids, 4))))(logps);
        expect(gradient.arraySync()).toEqual(batch.map((r, b) => r.ids.map((k) => (k < 0 ? 0 : k + 1 + 10 * b))));
      }),
    );
  });

  test('law: what a token of no step holds, NaN included, has no effect', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e30), (batch, junk) => {
        const clean = tensors(batch);
        const dirty = tensors(
          batch.map((r) => ({ ids: r.ids, logps: r.logps.map((x, t) => (r.ids[t]! < 0 ? junk : x)) })),
        );
        expect(stepLogps(dirty.logps, dirty.ids, 4).arraySync()).toEqual(
          stepLogps(clean.logps, clean.ids, 4).arraySync(),
        );
        const gradient = tf.grad((x) => tf.sum(stepLogps(x, dirty.ids, 4)))(dirty.logps);
        expect(Array.from(gradient.dataSync()).every((g) => g === 0 || g === 1)).toBe(true);
      }),
    );
  });

  test('a step without tokens is 0; no steps is [B, 0]; a NaN inside a step stays', () => {
    const ids = tf.tensor2d([[0, 2]], [1, 2], 'int32');
    expect(stepLogps(tf.tensor2d([[-1, -2]]), ids, 4).arraySync()).toEqual([[-1, 0, -2, 0]]);
    expect(stepLogps(tf.tensor2d([[-1, -2]]), tf.tensor2d([[-1, -1]], [1, 2], 'int32'), 0).shape).toEqual([1, 0]);
    expect((stepLogps(tf.tensor2d([[Number.NaN, -2]]), ids, 3).arraySync() as number[][])[0]![0]).toBeNaN();
  });

  test('errors: shapes, and the number of steps', () => {
    const ids = tf.tensor2d([[0, 2]], [1, 2], 'int32');
    expect(() => stepLogps(tf.zeros([1, 3]), ids, 3)).toThrow(ShapeError);
    expect(() => stepLogps(tf.zeros([1, 3]), ids, 3)).toThrow(
      'stepLogps: stepIds must be [B, T] = [1, 3] as in logps, got [1, 2]',
    );
    expect(() => stepLogps(tf.zeros([1, 2]), ids, -1)).toThrow('stepLogps: steps must be an integer ≥ 0, got -1');
  });
});

test('errors: a step id beyond the last column, where reading ids costs nothing', async () => {
  if (!['cpu', 'wasm', 'tensorflow'].includes(tf.getBackend()) || tf.env().getBool('SVO_DEVICE_FORMULAS')) return;
  const call = () => stepLogps(tf.zeros([1, 2]), tf.tensor2d([[0, 2]], [1, 2], 'int32'), 2);
  expect(call).toThrow(RangeError);
  expect(call).toThrow('stepLogps: stepIds must be < steps = 2, got 2 at [0, 1]');
});
