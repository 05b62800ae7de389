/** A formula for each operation, and numbers to run them on. */
import fc from 'fast-check';
import { programOf } from '../../formula/host/program.ts';
import * as op from '../../formula/operations.ts';
import { withSharedParts } from '../../formula/shared.ts';
import { as, input, option, size, type Term } from '../../formula/term.ts';

/** How long each dimension is. */
export const sizes: Readonly<Record<'B' | 'S', number>> = { B: 2, S: 4 };
/** Every option. */
export const options: Readonly<Record<'k', number>> = { k: 3 };

/** The inputs. */
export const x: Term = input('x', 'B S', true);
export const y: Term = input('y', 'B S', true);
const r = input('r', 'B', true);
export const mask: Term = input('mask', 'B S', false);
const weights = input('weights', 'B S', false);

/** A scalar in which each element counts differently. */
export const weighed = (matrix: Term): Term => op.sum(as(matrix, 'B S').times(weights));

/** A scalar an operation; what it says of the operation is in its name. */
export const formulas: Readonly<Record<string, Term>> = {
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
/** What the inputs hold. */
export const drawn: fc.Arbitrary<Drawn> = fc.record({
  x: numbers(8, 0.37),
  y: numbers(8, 0.61),
  r: numbers(2, 0.5),
  weights: numbers(8, 0.5),
  mask: fc.array(fc.constantFrom(0, 1), { minLength: 8, maxLength: 8 }),
});
export type Drawn = Readonly<Record<string, number[]>>;

/** What the loops make of them. */
export function runOnHost(terms: readonly Term[], given: Drawn): number[][] {
  const program = programOf(withSharedParts(terms));
  return program.run({ sizes, options, numbers: (name) => given[name]! }, terms.length).map((out) => [...out]);
}
