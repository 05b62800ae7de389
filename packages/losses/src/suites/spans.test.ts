/** From token log-probs to the sums that losses take, on this run's backend; the operations are `@svo/tensor`'s. */
import { sequenceLogps, stepLogps, type Tensor, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matrix } from '../reference/index.ts';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { flat, readAll, toTensor } from '../test-support/cases/arrays.ts';
import { inOperations, onBackend } from '../test-support/running/backend.ts';
import { expectFloat32 } from '../test-support/running/close.ts';

const STEPS = 6;
const drawn = inputsOf(
  {
    logps: { shape: 'B T', kind: 'reference' },
    stepIds: { shape: 'B T', kind: 'stepIds' },
    mask: { shape: 'B T', kind: 'mask' },
  },
  2,
);
const junk = fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, 0);
const largest = (rows: Matrix): number => Math.max(...flat(rows).filter(Number.isFinite).map(Math.abs), 0);

/** A function of token log-probs and its gradient, each output weighed by its place so that no two are alike. */
const withGradient = (f: (logps: Tensor) => Tensor, logps: Matrix): Promise<number[][]> =>
  readAll(() => {
    const x = toTensor(logps, 'logps');
    const value = f(x);
    const places = tf.reshape(tf.range(1, value.size + 1), value.shape);
    return [value, tf.grad((live) => tf.sum(tf.mul(f(live), places)))(x)];
  });

onBackend('stepLogps', () => {
  test('law: each step’s sum, and each of its tokens the step’s gradient; tokens of no step hold what they like', () =>
    fc.assert(
      fc.asyncProperty(drawn, junk, async (inputs, value) => {
        const ids = inputs.stepIds as Matrix;
        const logps = (inputs.logps as Matrix).map((row, i) => row.map((x, t) => (ids[i]![t]! < 0 ? value : x)));
        const sums = logps.map((row, i) =>
          Array.from({ length: STEPS }, (_, s) => row.reduce((total, x, t) => total + (ids[i]![t] === s ? x : 0), 0)),
        );
        const slopes = ids.map((row, i) => row.map((step) => (step < 0 ? 0 : i * STEPS + step + 1)));
        const [own, gradient] = await withGradient((x) => stepLogps(x, toTensor(ids, 'stepIds'), STEPS), logps);
        expectFloat32(own!, flat(sums), inOperations ? largest(logps) : 1e6 * largest(logps));
        expect(gradient).toEqual(flat(slopes));
      }),
    ));
});

onBackend('sequenceLogps', () => {
  test('law: each row’s sum over its mask, 0 without one; what is masked holds what it likes', () =>
    fc.assert(
      fc.asyncProperty(drawn, junk, async (inputs, value) => {
        const mask = inputs.mask as Matrix;
        const logps = (inputs.logps as Matrix).map((row, i) => row.map((x, t) => (mask[i]![t]! > 0 ? x : value)));
        const sums = logps.map((row, i) => row.reduce((total, x, t) => total + (mask[i]![t]! > 0 ? x : 0), 0));
        const [own, gradient] = await withGradient((x) => sequenceLogps(x, toTensor(mask)), logps);
        expectFloat32(own!, sums, 1e6 * largest(logps));
        expect(gradient).toEqual(flat(mask.map((row, i) => row.map((m) => (m > 0 ? i + 1 : 0)))));
      }),
    ));
});
