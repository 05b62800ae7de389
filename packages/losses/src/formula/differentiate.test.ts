/** Reverse mode against central differences, an operation a case: what it says is checked in float64, without any tensor. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Drawn, drawn, formulas, mask, runOnHost, weighed, x, y } from '../test-support/cases/formula-cases.ts';
import { isClose } from '../test-support/running/close.ts';
import { adjoints } from './adjoints.ts';
import { differentiate, inOrder } from './differentiate.ts';
import { programOf } from './host/program.ts';
import * as op from './operations.ts';
import { withSharedParts } from './shared.ts';
import { type Term, term } from './term.ts';

test.each(Object.entries(formulas))('law: the derivative of %s is its central difference', (_name, value) => {
  const gradients = differentiate(value);
  fc.assert(
    fc.property(drawn, (given: Drawn) => {
      const results = runOnHost([...gradients.values()], given);
      [...gradients.keys()].forEach((name, k) => {
        results[k]!.forEach((slope, i) => {
          const moved = (by: number): number =>
            runOnHost([value], { ...given, [name]: given[name]!.map((a, j) => (j === i ? a + by : a)) })[0]![0]!;
          const quotient = (moved(1e-5) - moved(-1e-5)) / 2e-5;
          expect(isClose(slope, quotient, 1e-5, 1e-6), `${name}[${i}]: ${slope}, ${quotient}`).toBe(true);
        });
      });
    }),
    { numRuns: 20 },
  );
});

test('every operation but those without a derivative is differentiated above', () => {
  const used = new Set(inOrder(Object.values(formulas)).map(({ operation }) => operation));
  const without = new Set(['equal', 'logSumSlopes', 'positive', 'rowCount', 'stop']);
  const missing = Object.keys(adjoints).filter((operation) => used.has(operation as never) === without.has(operation));
  expect(missing, 'operations without a case in test-support/cases/formula-cases.ts').toEqual([]);
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
  expect(runOnHost([value, differentiate(value).get('x')!], given).map((out) => out[0]! + 0)).toEqual([0, 0]);
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
