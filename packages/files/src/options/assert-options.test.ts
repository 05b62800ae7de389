import { expect, test } from 'vitest';
import { assertOptions } from './assert-options.ts';

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
