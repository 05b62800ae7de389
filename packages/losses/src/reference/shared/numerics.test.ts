import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGolden } from '../../test-support/cases/golden.ts';
import { isClose } from '../../test-support/running/close.ts';
import { logSigmoid, sigmoid, softplus, sum } from './numerics.ts';

const x = fc.double({ min: -800, max: 800, noNaN: true });

test('golden logsigmoid', () => {
  for (const [at, expected] of readGolden<{ logsigmoid: [number, number][] }>('losses.json').logsigmoid) {
    expect(isClose(logSigmoid(at), expected, 1e-15, 0)).toBe(true);
  }
});

test('law: softplus(x) − softplus(−x) = x, σ(x) + σ(−x) = 1, log σ = log of σ where that has a logarithm', () => {
  fc.assert(
    fc.property(x, (at) => {
      expect(isClose(softplus(at) - softplus(-at), at, 1e-14, 1e-14)).toBe(true);
      expect(isClose(sigmoid(at) + sigmoid(-at), 1, 1e-15, 0)).toBe(true);
      if (at > -700) expect(isClose(Math.exp(logSigmoid(at)), sigmoid(at), 1e-12, 0)).toBe(true);
    }),
  );
});

test('law: a sum does not depend on the order, and keeps what plain addition loses', () => {
  fc.assert(
    fc.property(fc.array(x), (terms) => {
      expect(isClose(sum([...terms].reverse()), sum(terms), 1e-15, 1e-12)).toBe(true);
    }),
  );
  expect(sum([1, 1e100, 1, -1e100])).toBe(2);
  expect(sum([Number.POSITIVE_INFINITY, 1])).toBe(Number.POSITIVE_INFINITY);
  expect(sum([Number.NaN, 1])).toBeNaN();
});
