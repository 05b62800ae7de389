/** Reverse mode against central differences, an operation a case: what it says is checked in float64, without any tensor. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isClose } from '../test-support/close.ts';
import { adjoints } from './adjoints.ts';
import { differentiate, inOrder } from './differentiate.ts';
import { programOf } from './host/program.ts';
import * as op from './operations.ts';
import { withSharedParts } from './shared.ts';
import { as, input, option, size, type Term, term } from './term.ts';

const sizes = { B: 2, S: 4 };
const x = input('x', 'B S', true);
const y = input('y', 'B S', true);
const r = input('r', 'B', true);
const mask = input('mask', 'B S', false);
const weights = input('weights', 'B S', false);

/** A scalar in which each element counts differently. */
const weighed = (matrix: Term): Term => op.sum(as(matrix, 'B S').times(weights));

const cases: Readonly<Record<string, Term>> = {
  add: weighed(x.plus(y).plus(r)),
  sub: weighed(x.minus(y)),
  'a scalar spread over a matrix': weighed(op.sum(op.square(x)).minus(y)),
  mul: weighed(x.times(y)),
  'mul by row': weighed(x.times(r)),
  div: weighed(x.over(y.plus(10))),
  'div by row': weighed(x.over(r.plus(10))),
  square: weighed(op.square(x)),
  exp: weighed(op.exp(x)),
  expm1: weighed(op.expm1(x)),
  expExcess: weighed(op.expExcess(x)),
  expDifference: weighed(op.expDifference(x, y)),
  softplus: weighed(op.softplus(x)),
  sigmoid: weighed(op.sigmoid(x)),
  'sigmoid of −x': weighed(op.sigmoid(x.negated()).times(op.softplus(x.negated()))),
  relu: weighed(op.relu(x)),
  atMost: weighed(op.atMost(x, 0.3)),
  atLeast: weighed(op.atLeast(x, -0.3)),
  maximum: weighed(op.maximum(x, y)),
  select: weighed(op.select(mask, op.square(x), y)),
  'select by number': weighed(op.select(mask, op.sum(x), 3)),
  difference: weighed(op.difference(mask, x, y)),
  fill: weighed(as(op.sum(op.square(x)), 'B S')),
  spread: weighed(as(op.square(r), 'B S')),
  sum: op.square(op.sum(x)),
  rowSum: op.sum(op.square(op.rowSum(x))),
  returns: weighed(op.square(op.returns(mask, x, 0.7))),
  discounted: weighed(op.square(op.discounted(mask, x, 0.7))),
  nextValid: weighed(op.square(op.nextValid(mask, x))),
  previousValid: weighed(op.square(op.previousValid(mask, x))),
  segmentSum: weighed(op.square(op.segmentSum(mask, x))),
  carryForward: weighed(op.square(op.carryForward(mask, x))),
  through: weighed(op.through(x, y)),
  logSums: weighed(op.square(op.logSums(mask, x))),
  'what is used twice': weighed(op.square(x).times(op.exp(x)).plus(x)),
  'an option and a size': weighed(x.times(option('k')).over(size('S'))),
};

/** Sevenths, each input its own distance away from them: nothing lies on a kink, at 0 or at ±0.3, and no two inputs are equal. */
const numbers = (length: number, off: number) =>
  fc.array(
    fc.integer({ min: -14, max: 14 }).map((n) => (n + off) / 7),
    { minLength: length, maxLength: length },
  );
const drawn = fc.record({
  x: numbers(8, 0.37),
  y: numbers(8, 0.61),
  r: numbers(2, 0.5),
  weights: numbers(8, 0.5),
  mask: fc.array(fc.constantFrom(0, 1), { minLength: 8, maxLength: 8 }),
});
type Drawn = Readonly<Record<string, number[]>>;

function run(terms: readonly Term[], given: Drawn): number[][] {
  const program = programOf(withSharedParts(terms));
  return program
    .run({ sizes, options: { k: 3 }, numbers: (name) => given[name]! }, terms.length)
    .map((out) => [...out]);
}

test.each(Object.entries(cases))('law: the derivative of %s is its central difference', (_name, value) => {
  const gradients = differentiate(value);
  fc.assert(
    fc.property(drawn, (given: Drawn) => {
      const results = run([...gradients.values()], given);
      [...gradients.keys()].forEach((name, k) => {
        results[k]!.forEach((slope, i) => {
          const moved = (by: number): number =>
            run([value], { ...given, [name]: given[name]!.map((a, j) => (j === i ? a + by : a)) })[0]![0]!;
          const quotient = (moved(1e-5) - moved(-1e-5)) / 2e-5;
          expect(isClose(slope, quotient, 1e-5, 1e-6), `${name}[${i}]: ${slope}, ${quotient}`).toBe(true);
        });
      });
    }),
    { numRuns: 20 },
  );
});

test('every operation but those without a derivative is differentiated above', () => {
  const used = new Set(inOrder(Object.values(cases)).map(({ operation }) => operation));
  const without = Object.keys(adjoints).filter((operation) => !used.has(operation as never));
  expect(without.sort()).toEqual(['equal', 'logSumSlopes', 'positive', 'rowCount', 'stop']);
});

test('sg[·] stops, and an input that is not trained receives nothing', () => {
  const value = weighed(op.stop(x).times(y).plus(mask));
  expect([...differentiate(value).keys()]).toEqual(['y']);
  expect(differentiate(weighed(op.stop(x))).size).toBe(0);
});

test('what has no derivative here says so', () => {
  expect(() => differentiate(op.sum(op.logSumSlopes(mask, x, y)))).toThrow('formula: logSumSlopes has no derivative');
});

test('a slope of ∞ counts nothing where the gradient is 0', () => {
  const value = op.sum(op.softplus(op.exp(x).negated()));
  const given = { x: new Array(8).fill(1e5) };
  expect(run([value, differentiate(value).get('x')!], given).map((out) => out[0]! + 0)).toEqual([0, 0]);
});

test('equal parts are computed once', () => {
  const twice = (): Term => op.exp(x.minus(y));
  const { order } = withSharedParts([op.sum(twice()), op.sum(twice().times(term(2)))]);
  expect(order.filter(({ operation }) => operation === 'exp').length).toBe(1);
});

test('the program runs again for other sizes', () => {
  const value = op.sum(op.square(x));
  const program = programOf(withSharedParts([value]));
  const at = (B: number): number =>
    program.run({ sizes: { B, S: 2 }, options: {}, numbers: () => new Float32Array(2 * B).fill(2) }, 1)[0]![0]!;
  expect([at(1), at(5), at(2), at(0)]).toEqual([8, 40, 16, 0]);
});
