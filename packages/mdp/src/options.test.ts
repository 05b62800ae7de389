import { expect, test } from 'vitest';
import { assertCounts, assertOptions } from './options.ts';

test('known options pass, whatever they hold', () => {
  expect(assertOptions('f', {}, [])).toBeUndefined();
  expect(assertOptions('f', { beta: undefined }, ['beta'])).toBeUndefined();
});

test('an unknown option is named, beside the one that was meant', () => {
  expect(() => assertOptions('dvoLoss', { betta: 5, quux: 1 }, ['beta', 'scale'])).toThrow(
    "dvoLoss: unknown option 'betta' (did you mean 'beta'?), 'quux'; expected beta, scale",
  );
  expect(() => assertOptions('f', { any: 1 }, [])).toThrow("f: unknown option 'any'; expected none");
});

test.each([0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('a count of %s is refused by name', (value) => {
  expect(() => assertCounts('drawTrees', { together: 1, draws: value })).toThrow(
    new RangeError(`drawTrees: draws must be a positive integer, got ${value}`),
  );
  expect(() => assertCounts('drawTrees', { together: 1, draws: 2 })).not.toThrow();
});
