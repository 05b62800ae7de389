import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOperations, onBackend } from '../test-support/running/backend.ts';
import { isClose } from '../test-support/running/close.ts';
import { compute } from '../test-support/running/compute.ts';
import {
  atLeast,
  atMost,
  carryForward,
  discounted,
  equal,
  expDifference,
  expExcess,
  expm1,
  logSumSlopes,
  logSums,
  maximum,
  nextValid,
  positive,
  previousValid,
  relu,
  returns,
  rowCount,
  rowSum,
  segmentSum,
  select,
  sigmoid,
  softplus,
  sum,
} from './operations.ts';
import { as, term } from './term.ts';

const { NaN: nan, POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: negativeInfinite } = Number;
const exponent = fc
  .tuple(fc.double({ min: -6, max: 1.9, noNaN: true }), fc.constantFrom(-1, 1))
  .map(([power, sign]) => Math.fround(sign * 10 ** power));
const rows = { x: [[1, 2, 3, 4]], mask: [[1, 0, 1, 1]] };

onBackend('operations of formulas', () => {
  test('law: eˣ − 1 and eˣ − 1 − x keep their digits from 1e-6 to 80', () =>
    fc.assert(
      fc.asyncProperty(exponent, async (x) => {
        const series = x * x * (0.5 + x / 6 + (x * x) / 24 + x ** 3 / 120);
        const exact = Math.abs(x) < 1e-2 ? series : Math.expm1(x) - x;
        const relative = inOperations ? 1e-4 : 1e-6;
        expect(isClose((await compute({ x: [x] }, (t) => expm1(t.x)))[0]!, Math.expm1(x), relative, 0)).toBe(true);
        expect(isClose((await compute({ x: [x] }, (t) => expExcess(t.x)))[0]!, exact, relative, 0)).toBe(true);
      }),
    ));

  test('edge: exponentials at 0, where float32 ends, and at NaN', async () => {
    const x = [0, 1e5, -1e5, nan];
    expect(await compute({ x }, (t) => expm1(t.x))).toEqual([0, infinite, -1, nan]);
    expect(await compute({ x }, (t) => expExcess(t.x))).toEqual([0, infinite, 99999, nan]);
    const y = [0, 1e5, 1e5, 0];
    expect((await compute({ x, y }, (t) => expDifference(t.x, t.y))).map((z) => z + 0)).toEqual([
      0,
      0,
      negativeInfinite,
      nan,
    ]);
    expect(await compute({ x, y }, (t) => expDifference(t.y, t.x))).toEqual([0, 0, infinite, nan]);
  });

  test('law: eᵃ − eᵇ keeps its digits where they are close', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: -8, max: 8 }), fc.integer({ min: -12, max: 3 }), async (a, power) => {
        const b = Math.fround(a + 2 ** power);
        const own = (await compute({ a: [a], b: [b] }, (t) => expDifference(t.a, t.b)))[0]!;
        expect(isClose(own, -Math.exp(a) * Math.expm1(b - a), inOperations ? 1e-4 : 1e-6, 0)).toBe(true);
      }),
    ));

  test('what chooses keeps NaN, and takes the other side of a select whatever it holds', async () => {
    const x = [-2, 0, 3, nan];
    expect(await compute({ x }, (t) => relu(t.x))).toEqual([0, 0, 3, nan]);
    expect(await compute({ x }, (t) => atMost(t.x, 1))).toEqual([-2, 0, 1, nan]);
    expect((await compute({ x }, (t) => atLeast(t.x, -1))).map((z) => z + 0)).toEqual([-1, 0, 3, nan]);
    expect(await compute({ x }, (t) => positive(t.x))).toEqual([0, 0, 1, nan]);
    expect(await compute({ x }, (t) => equal(t.x, 3))).toEqual([0, 0, 1, 0]);
    expect(await compute({ x }, (t) => select(t.x, 7, t.x))).toEqual([-2, 0, 7, nan]);
    expect(await compute({ x, y: [1, 1, 1, 1] }, (t) => maximum(t.y, t.x))).toEqual([1, 1, 3, nan]);
    expect(await compute({ x: [800, -800, nan] }, (t) => softplus(t.x))).toEqual([800, 0, nan]);
    expect(await compute({ x: [800, -800, nan] }, (t) => sigmoid(t.x))).toEqual([1, 0, nan]);
  });

  test('a row’s number stands beside its matrix, a scalar everywhere', async () => {
    const given = {
      m: [
        [1, 2],
        [3, 4],
      ],
      r: [10, 100],
    };
    expect(await compute(given, ({ m, r }) => m.times(r))).toEqual([10, 20, 300, 400]);
    expect(await compute(given, ({ m, r }) => r.minus(m))).toEqual([9, 8, 97, 96]);
    expect(await compute(given, ({ m }) => sum(m).over(m))).toEqual([10, 5, Math.fround(10 / 3), 2.5]);
    expect(await compute(given, ({ m }) => as(term(3), m.shape))).toEqual([3, 3, 3, 3]);
    expect(await compute(given, ({ m }) => rowSum(m))).toEqual([3, 7]);
    expect(await compute(given, ({ m }) => rowCount(m.minus(2)))).toEqual([0, 2]);
  });

  test('recurrences along rows skip what is masked', async () => {
    expect(await compute(rows, ({ x, mask }) => returns(mask, x, 0.5))).toEqual([1 + 0.5 * 5, 0, 5, 4]);
    expect(await compute(rows, ({ x, mask }) => discounted(mask, x, 0.5))).toEqual([1, 0, 3.5, 5.75]);
    expect(await compute(rows, ({ x, mask }) => nextValid(mask, x))).toEqual([3, 0, 4, 0]);
    expect(await compute(rows, ({ x, mask }) => previousValid(mask, x))).toEqual([0, 0, 1, 3]);
  });

  test('logarithms of sums skip what is masked, and overflow nowhere', async () => {
    const [x, mask] = [[[0, nan, 1e5, 1e5, -1e5]], [[1, 0, 1, 1, 1]]];
    const double = Math.fround(1e5 + Math.LN2);
    expect(await compute({ x, mask }, (t) => logSums(t.mask, t.x))).toEqual([0, 0, 1e5, double, double]);
    const g = [[4, nan, 2, 1, 8]];
    const slopes = await compute({ x, mask, g }, (t) => logSumSlopes(t.mask, t.x, t.g));
    const late = (1 + 8) / 2;
    // The sum of two numbers of 1e5 is known to float32's step there.
    const [first, none, second, third, last] = slopes as [number, number, number, number, number];
    expect([first, none, last]).toEqual([4, 0, 0]);
    expect(isClose(second, 2 + late, inOperations ? 0.01 : 1e-6, 0)).toBe(true);
    expect(isClose(third, late, inOperations ? 0.01 : 1e-6, 0)).toBe(true);
    expect(await compute({ x: [[0, nan]], mask: [[1, 1]] }, (t) => logSums(t.mask, t.x))).toEqual([0, nan]);
  });

  test('segments begin at their starts and end before the next', async () => {
    const starts = [[0, 1, 0, 1]];
    expect(await compute({ x: rows.x, starts }, ({ x, starts: s }) => segmentSum(s, x))).toEqual([0, 5, 0, 4]);
    expect(await compute({ x: rows.x, starts }, ({ x, starts: s }) => carryForward(s, x))).toEqual([0, 2, 2, 4]);
  });

  test('errors: shapes that cannot be combined', async () => {
    await expect(compute({ m: [[1, 2]] }, ({ m }) => rowSum(rowSum(m)))).rejects.toThrow(
      'formula: a matrix has rows, [B] has none',
    );
  });
});
