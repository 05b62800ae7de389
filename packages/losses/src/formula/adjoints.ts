/** Reverse mode: for each operation, what the gradient on its result makes of the gradients on its operands. */
import {
  carryForward,
  discounted,
  exp,
  expm1,
  logSumSlopes,
  nextValid,
  positive,
  previousValid,
  returns,
  segmentSum,
  select,
  sigmoid,
  through,
} from './operations.ts';
import { as, type Operation, type Term, term } from './term.ts';

/** Gradients on the operands in their order; undefined for none. `g` is of the result's shape, or one number for all of it. */
type Adjoint = (g: Term, result: Term) => readonly (Term | undefined)[];

const none: Adjoint = () => [];
const first =
  (rule: (g: Term, a: Term, result: Term) => Term): Adjoint =>
  (g, result) => [rule(g, result.operands[0]!, result)];
const masked =
  (rule: (mask: Term, g: Term, decay: number) => Term): Adjoint =>
  (g, result) => [undefined, rule(result.operands[0]!, as(g, result.shape), result.detail.number ?? 1)];

/** The chain rule, an operation a line. */
export const adjoints: Readonly<Record<Operation, Adjoint>> = {
  input: none,
  option: none,
  size: none,
  constant: none,
  stop: none,
  positive: none,
  equal: none,
  rowCount: none,
  add: (g) => [g, g],
  sub: (g) => [g, g.negated()],
  mul: (g, { operands: [a, b] }) => [g.times(b!), g.times(a!)],
  div: (g, result) => [g.over(result.operands[1]!), g.times(result).over(result.operands[1]!).negated()],
  square: first((g, a) => a.times(2).times(g)),
  through: (g, { operands: [a, slope] }) => [through(g, slope!), g.times(a!)],
  exp: first((g, _, result) => through(g, result)),
  expm1: first((g, a) => through(g, exp(a))),
  expExcess: first((g, a) => through(g, expm1(a))),
  expDifference: (g, { operands: [a, b] }) => [through(g, exp(a!)), through(g, exp(b!)).negated()],
  softplus: first((g, a) => sigmoid(a).times(g)),
  sigmoid: first((g, a, result) => result.times(sigmoid(a.negated())).times(g)),
  relu: first((g, a) => positive(a).times(g)),
  atMost: first((g, a, { detail }) => positive(term(detail.number!).minus(a)).times(g)),
  select: (g, { operands: [condition] }) => [undefined, select(condition!, g, 0), select(condition!, 0, g)],
  difference(g, { operands: [mask] }) {
    const kept = select(mask!, g, 0);
    return [undefined, kept, kept.negated()];
  },
  fill: first((g) => g),
  spread: first((g) => g),
  sum: first((g) => g),
  rowSum: first((g) => g),
  returns: masked((mask, g, decay) => discounted(mask, g, decay)),
  discounted: masked((mask, g, decay) => returns(mask, g, decay)),
  nextValid: masked((mask, g) => previousValid(mask, g)),
  previousValid: masked((mask, g) => nextValid(mask, g)),
  segmentSum: masked((starts, g) => carryForward(starts, g)),
  carryForward: masked((starts, g) => segmentSum(starts, g)),
  logSums: (g, { operands: [mask, x] }) => [undefined, logSumSlopes(mask!, x!, g)],
  logSumSlopes() {
    throw new TypeError('formula: logSumSlopes has no derivative here (it is the one of logSums)');
  },
};
