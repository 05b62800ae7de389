import { expect, test } from 'vitest';
import type { Verdict } from './types.ts';
import { equivalentOf } from './verdict.ts';

const said = (given: unknown): boolean | undefined => equivalentOf('f: verifier', given as Verdict);

test.each([true, false, undefined])('%s is what a verdict may decide', (equivalent) => {
  expect(said({ equivalent, how: 'own' })).toBe(equivalent);
});

test.each([
  ['a word', { equivalent: 'false' }, 'whose equivalent is true, false or undefined, got "false"'],
  ['a number', { equivalent: 0.7 }, 'whose equivalent is true, false or undefined, got 0.7'],
  ['null inside', { equivalent: null }, 'whose equivalent is true, false or undefined, got null'],
  ['nothing', undefined, "with 'equivalent', got undefined"],
  ['a boolean', true, "with 'equivalent', got true"],
  ['a generator', (function* () {})(), "with 'equivalent', got [object Generator]"],
])('%s is refused', (_, given, message) => {
  expect(() => said(given)).toThrow(`f: verifier must return a verdict ${message}`);
});

test('a promise is refused, and its rejection, which comes later, ends nothing', async () => {
  const later = Promise.reject(new Error('late'));
  expect(() => said(later)).toThrow("with 'equivalent', got a promise (verifiers are synchronous)");
  // An unhandled rejection would fail this run.
  await new Promise((resolve) => setImmediate(resolve));
});
