import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../tf.ts';
import type { Arithmetic } from '../arithmetic.ts';
import { computePlainly } from '../compute-on-host.ts';
import { vectorMachine } from './machine.ts';
import { runFormula } from './run.ts';

beforeAll(() => tf.setBackend('cpu'));

type Formula = <A>(math: Arithmetic<A>, x: A, y: A, m: A) => A;

/** A matrix batch: `x`, `y` any numbers, `m` a mask. */
interface Case {
  readonly shape: readonly [number, number];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly m: readonly number[];
}

const numbers = fc.oneof(
  fc.integer({ min: -64, max: 64 }).map((k) => k / 8),
  fc.float({ min: -1e5, max: 1e5, noNaN: true }),
  fc.constantFrom(0, -0, 1e-30, -1e-30, 700, -700, 710, -750, 1e5, -1e5),
);
const anything = fc.oneof(numbers, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));

/** Shapes on both sides of a block of 512 and of a group of eight. A handful of numbers, repeated out of step, fills them. */
const cases = (of: fc.Arbitrary<number>): fc.Arbitrary<Case> => {
  const handful = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 11, maxLength: 11 });
  const shape = fc.constantFrom([1, 1], [3, 5], [7, 1], [2, 8], [9, 3], [1, 700], [300, 4], [513, 1]) as fc.Arbitrary<
    [number, number]
  >;
  return fc.record({ shape, x: handful(of), y: handful(of), m: handful(fc.constantFrom(0, 1)) }).map((few) => {
    const spread = (values: readonly number[]) =>
      Array.from({ length: few.shape[0] * few.shape[1] }, (_, i) => values[(i * 7) % 11]);
    return { shape: few.shape, x: spread(few.x), y: spread(few.y), m: spread(few.m) };
  });
};

/** The formula's result as float32 and its sum in float64, in the machine and on plain arrays. */
function both(formula: Formula, { shape: [rows, columns], x, y, m }: Case, as: 'matrix' | 'rows' | 'vector') {
  const flat = as === 'vector';
  const make = (values: readonly number[]) =>
    flat ? tf.tensor1d([...values]) : tf.tensor2d([...values], [rows, columns]);
  const inputs = { x: make(x), y: make(y), m: make(m) };
  const shape = flat ? [rows * columns] : as === 'rows' ? [rows] : [rows, columns];
  const run = (<A>(math: Arithmetic<A>, given: Record<'x' | 'y' | 'm', A>) => {
    const value = formula(math, given.x, given.y, given.m);
    return { scalar: math.sum(value), arrays: [{ value, shape }] };
  }) as Parameters<typeof computePlainly<'x' | 'y' | 'm'>>[2];
  const width = flat ? 1 : columns;
  const results = [runFormula(vectorMachine()!, inputs, width, run), computePlainly(inputs, width, run)];
  const [fast, plain] = results.map(({ scalar, arrays }) => ({ scalar, array: arrays[0].dataSync() as Float32Array }));
  tf.dispose([...Object.values(inputs), ...results.flatMap(({ arrays }) => arrays)]);
  return { fast, plain };
}

function expectSame(formula: Formula, subject: Case, as: 'matrix' | 'rows' | 'vector'): void {
  const { fast, plain } = both(formula, subject, as);
  expect(fast.array.length).toBe(plain.array.length);
  // The sum of float64 numbers in another order: off in proportion to their sizes, and by what is no normal number any more.
  const size = plain.array.reduce((total, value) => total + Math.abs(value), 0);
  expectClose(fast.scalar, plain.scalar, 1e-12 * size + 1e-300);
  for (let i = 0; i < plain.array.length; i++)
    expectClose(fast.array[i], plain.array[i], 2e-7 * Math.abs(plain.array[i]) + 1e-44);
}

function expectClose(actual: number, expected: number, tolerance: number): void {
  if (actual !== expected && !(Math.abs(actual - expected) <= tolerance)) expect(actual).toBe(expected);
}

const elementwise: Readonly<Record<string, Formula>> = {
  add: (math, x, y) => math.add(x, y),
  'sub, from a number': (math, x, y) => math.sub(1, math.sub(x, y)),
  'mul, by a number': (math, x, y) => math.mul(math.mul(x, y), 0.25),
  div: (math, x, y) => math.div(x, math.add(math.square(y), 1)),
  'div, of a number': (math, x) => math.div(3, math.add(2, math.square(x))),
  exp: (math, x) => math.exp(x),
  softplus: (math, x) => math.softplus(x),
  sigmoid: (math, x) => math.sigmoid(x),
  'softplus and sigmoid of both signs': (math, x) => {
    const opposite = math.mul(x, -1);
    const [up, down] = [math.softplus(opposite), math.sigmoid(x)];
    return math.add(math.mul(up, down), math.mul(math.softplus(x), math.sigmoid(opposite)));
  },
  relu: (math, x) => math.relu(x),
  atMost: (math, x) => math.atMost(x, 1.5),
  positive: (math, x) => math.positive(x),
  equal: (math, x, y) => math.add(math.equal(x, y), math.equal(x, 0)),
  select: (math, x, y, m) => math.select(m, x, y),
  'select, of numbers': (math, x, _, m) => math.add(math.select(m, 2, x), math.select(m, x, -2)),
  difference: (math, x, y, m) => math.difference(m, x, y),
  'divided by a sum, which starts a second pass': (math, x, _, m) =>
    math.div(math.select(m, x, 0), math.add(math.sum(m), 1)),
  'through two sums, one upon the other': (math, x, y, m) => {
    const share = math.div(1, math.add(1, math.sum(m)));
    const centred = math.sub(math.positive(x), math.mul(share, math.sum(math.positive(y))));
    return math.mul(centred, math.dot(centred, centred));
  },
};

const alongRows: Readonly<Record<string, Formula>> = {
  'mul, by a number a row': (math, x, y) => math.mul(x, math.rowSum(math.positive(y))),
  'a number a row, by a matrix': (math, x, _, m) => math.mul(math.div(1, math.add(1, math.rowCount(m))), x),
  'returns, decaying': (math, x, _, m) => math.returns(m, x, 0.5),
  returns: (math, x, _, m) => math.returns(m, math.positive(x), 1),
  nextValid: (math, x, _, m) => math.nextValid(m, x),
  previousValid: (math, x, _, m) => math.previousValid(m, x),
  carryForward: (math, x, _, m) => math.carryForward(m, x),
};

const toRows: Readonly<Record<string, Formula>> = {
  rowSum: (math, x) => math.rowSum(math.square(x)),
  rowCount: (math, _x, _y, m) => math.rowCount(m),
};

describe('the vector machine computes what plain arrays do', () => {
  for (const [name, formula] of Object.entries(elementwise))
    for (const as of ['matrix', 'vector'] as const)
      test(`law: ${name} (${as}), NaN and infinities included`, () => {
        fc.assert(
          fc.property(cases(anything), (subject) => expectSame(formula, subject, as)),
          { numRuns: 40 },
        );
      });
  for (const [name, formula] of Object.entries(alongRows))
    test(`law: ${name}`, () => {
      fc.assert(
        fc.property(cases(anything), (subject) => expectSame(formula, subject, 'matrix')),
        { numRuns: 40 },
      );
    });
  for (const [name, formula] of Object.entries(toRows))
    test(`law: ${name}`, () => {
      fc.assert(
        fc.property(cases(numbers), (subject) => expectSame(formula, subject, 'rows')),
        { numRuns: 40 },
      );
    });
});

test('the same numbers give the same bits', () => {
  fc.assert(
    fc.property(cases(numbers), (subject) => {
      const formula = elementwise['softplus and sigmoid of both signs'];
      const [first, second] = [both(formula, subject, 'matrix'), both(formula, subject, 'matrix')];
      expect(second.fast).toEqual(first.fast);
    }),
    { numRuns: 20 },
  );
});

test('a tensor that is no row of the others is refused', () => {
  const run = (shape: number[]) => () =>
    runFormula(vectorMachine()!, { x: tf.zeros([2, 3]), y: tf.zeros(shape) }, 3, (math, { x }) => ({
      scalar: math.sum(x),
      arrays: [],
    }));
  expect(run([2, 4])).toThrow('closedForm: y must be a scalar, a vector [R] or a matrix [R, 3], got shape [2, 4]');
  expect(run([1, 2, 3])).toThrow(
    'closedForm: y must be a scalar, a vector [R] or a matrix [R, 3], got shape [1, 2, 3]',
  );
  expect(run([2])().scalar).toBe(0);
});
