import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onBackend } from '../testing/on-backend.ts';
import { tf } from '../tf.ts';
import { type Arithmetic, negate } from './arithmetic.ts';
import { deviceArithmetic } from './device-arithmetic.ts';
import { type HostValue, hostArithmetic } from './host-arithmetic.ts';

const [R, C] = [3, 5];
const number = fc.integer({ min: -64, max: 64 }).map((k) => k / 8);
const matrix = fc.array(number, { minLength: R * C, maxLength: R * C });
const bits = fc.array(fc.constantFrom(0, 1), { minLength: R * C, maxLength: R * C });

/** Runs one formula in both arithmetics and compares, to float32. */
function both(
  formula: <A>(math: Arithmetic<A>, x: A, y: A, m: A) => A,
  x: number[],
  y: number[],
  m: number[],
): number[] {
  const [hx, hy, hm] = [x, y, m].map((a) => Float64Array.from(a));
  const host = formula<HostValue>(hostArithmetic(C), hx, hy, hm);
  const [dx, dy, dm] = [x, y, m].map((a) => tf.tensor2d(a, [R, C]));
  const device = Array.from(formula<ReturnType<typeof tf.tensor>>(deviceArithmetic(C), dx, dy, dm).dataSync());
  const expected = typeof host === 'number' ? [host] : Array.from(host);
  expect(device.length).toBe(expected.length);
  expected.forEach((value, i) => {
    if (Number.isNaN(value)) expect(device[i]).toBeNaN();
    else expect(Math.abs(device[i] - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
  });
  return expected;
}

onBackend('arithmetic', () => {
  test('law: every operation means the same on arrays and on tensors', () => {
    const operations: (<A>(math: Arithmetic<A>, x: A, y: A, m: A) => A)[] = [
      (math, x, y) => math.add(math.sub(x, y), math.mul(x, y)),
      (math, x, y) => math.div(x, math.add(math.square(y), 1)),
      (math, x) => math.div(math.mul(x, 3), 7),
      (math, x) => math.sub(1, math.div(1, math.add(2, math.square(x)))),
      (math, x) => math.exp(math.mul(0.25, x)),
      (math, x) => math.softplus(x),
      (math, x) => math.sigmoid(negate(math, x)),
      (math, x) => math.add(math.relu(x), math.atMost(x, 1.5)),
      (math, x, y) => math.add(math.positive(x), math.equal(x, y)),
      (math, x, y, m) => math.select(m, x, y),
      (math, x, _, m) => math.select(m, x, -2),
      (math, x) => math.sum(x),
      (math, x) => math.rowSum(x),
      (math, x, y) => math.mul(x, math.rowSum(y)),
      (math, x, y) => math.dot(x, y),
      (math, x, y, m) => math.difference(m, x, y),
      (math, _x, _y, m) => math.rowCount(m),
      (math, x, _, m) => math.returns(m, x, 0.5),
      (math, x, _, m) => math.returns(m, x, 1),
      (math, x, _, m) => math.nextValid(m, x),
      (math, x, _, m) => math.previousValid(m, x),
      (math, x, _, m) => math.carryForward(m, x),
    ];
    fc.assert(
      fc.property(matrix, matrix, bits, (x, y, m) => {
        for (const operation of operations) both(operation, x, y, m);
      }),
      { numRuns: 40 },
    );
  });

  test('law: nextValid and previousValid skip what is masked', () => {
    fc.assert(
      fc.property(matrix, bits, (x, m) => {
        const at = (order: readonly number[]): number => x[order.find((t) => m[t] > 0) ?? -1] ?? 0;
        const row = (i: number): number => Math.floor(i / C) * C;
        const after = x.map((_, i) =>
          m[i] > 0 ? at(Array.from({ length: row(i) + C - i - 1 }, (_, k) => i + 1 + k)) : 0,
        );
        const before = x.map((_, i) => (m[i] > 0 ? at(Array.from({ length: i - row(i) }, (_, k) => i - 1 - k)) : 0));
        expect(both((math, v, _, mask) => math.nextValid(mask, v), x, x, m)).toEqual(after);
        expect(both((math, v, _, mask) => math.previousValid(mask, v), x, x, m)).toEqual(before);
      }),
    );
  });

  test('NaN goes through what must not hide it, and not through what must', () => {
    const x = [Number.NaN, ...new Array<number>(R * C - 1).fill(1)];
    const m = [0, ...new Array<number>(R * C - 1).fill(1)];
    expect(both((math, v) => math.relu(v), x, x, m)[0]).toBeNaN();
    expect(both((math, v) => math.atMost(v, 0), x, x, m)[0]).toBeNaN();
    expect(both((math, v) => math.positive(v), x, x, m)[0]).toBeNaN();
    expect(both((math, v, _, mask) => math.select(mask, v, 0), x, x, m)[0]).toBe(0);
  });
});
