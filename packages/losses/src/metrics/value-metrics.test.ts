import { type Tensor, tf } from '@svo/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inputsOf } from '../test-support/cases/arbitraries.ts';
import { flat, toTensors } from '../test-support/cases/arrays.ts';
import { valueSpecs } from '../test-support/cases/cases.ts';
import { onBackend } from '../test-support/running/backend.ts';
import { isClose } from '../test-support/running/close.ts';
import { readMetrics } from '../test-support/running/read-metrics.ts';
import { calibrationError } from './calibration-error.ts';
import { explainedVariance } from './explained-variance.ts';
import { valueMetrics } from './value-metrics.ts';

const row = (...x: number[]): Tensor => tf.tensor2d([x]);
const ofRow = (values: number[], targets: number[], mask: number[]) =>
  readMetrics(valueMetrics({ values: row(...values), targets: row(...targets), mask: row(...mask) }));

onBackend('valueMetrics', () => {
  test('by hand, whatever stands in masked places', async () => {
    // Errors (0.5, −0.5, 0): Var(error) = 1/6, Var(target) = 2/3. Bins of 0.2: gaps 0.5, 0.5 and 0 over three places.
    expect(await ofRow([0.5, -0.5, 0, Number.NaN], [1, -1, 0, Number.NaN], [1, 1, 1, 0])).toEqual({
      'values/mean': 0,
      'values/explained_variance': expect.closeTo(0.75, 6),
      'values/calibration_error': expect.closeTo(1 / 3, 6),
    });
  });

  test('law: the numbers of explainedVariance and calibrationError over the valid places', async () => {
    await fc.assert(
      fc.asyncProperty(inputsOf(valueSpecs, 0.5), async (inputs) => {
        const places = flat(inputs.mask!).flatMap((m, i) => (m > 0 ? [i] : []));
        const valid = (name: 'values' | 'targets') => places.map((i) => Math.fround(flat(inputs[name]!)[i]!));
        const [values, targets] = [valid('values'), valid('targets')];
        fc.pre(places.length > 1 && Math.max(...targets) - Math.min(...targets) > 1e-2);
        // A value on the edge of a bin may fall to either side in float32; with one bin there is no edge.
        const metrics = await readMetrics(valueMetrics(toTensors(inputs) as never, { bins: 1 }));
        const explained = explainedVariance(values, targets);
        expect(isClose(metrics['values/explained_variance'], explained, 1e-3, 1e-3)).toBe(true);
        const scale = Math.max(1, ...values.map(Math.abs), ...targets.map(Math.abs));
        const apart = metrics['values/calibration_error'] - calibrationError(values, targets, { bins: 1 });
        expect(Math.abs(apart) / scale).toBeLessThan(1e-5);
      }),
    );
  });

  test('where targets do not vary, or nothing is valid, there is nothing to explain: NaN, never ∞ or a rounding', async () => {
    for (const target of [1, 0.1, -0.3, 0]) {
      const constant = await ofRow([0.5, 1, 0.25], [target, target, target], [1, 1, 1]);
      expect(constant['values/explained_variance']).toBeNaN();
      expect(constant['values/mean']).toBeCloseTo(1.75 / 3, 6);
    }
    const none = await ofRow([0.5, 0.5], [1, 1], [0, 0]);
    expect(none).toEqual({ 'values/mean': 0, 'values/explained_variance': Number.NaN, 'values/calibration_error': 0 });
    expect((await ofRow([0.5, 9], [1, -1], [1, 0]))['values/explained_variance']).toBeNaN();
  });

  test('errors: shapes and options', () => {
    const inputs = { values: row(1, 2), targets: row(1, 2), mask: row(1, 1) };
    expect(() => valueMetrics({ ...inputs, targets: row(1) })).toThrow('valueMetrics: targets must be');
    expect(() => valueMetrics(inputs, { bins: 1.5 })).toThrow('valueMetrics: bins must be a whole number ≥ 1, got 1.5');
    expect(() => valueMetrics(inputs, { rang: [0, 1] } as never)).toThrow("unknown option 'rang'");
  });
});
