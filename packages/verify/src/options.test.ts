import { expect, test } from 'vitest';
import { isEquivalent, verifyAnswer } from './index.ts';
import type { VerifyOptions } from './options.ts';

/** Every option, with a pair whose verdict depends on it: [option, truth, answer, by default, with the option]. */
const switches: readonly (readonly [VerifyOptions, string, string, boolean, boolean])[] = [
  [{ percent: 'value' }, '28\\%', '28', true, false],
  [{ units: 'required' }, '5 \\text{ cm}', '5', true, false],
  [{ units: 'ignored' }, '5 \\text{ cm}', '5 \\text{ kg}', false, true],
  [{ order: 'ordered' }, '1, 2', '2, 1', true, false],
  [{ decimals: 'exact' }, '\\frac{600}{7}', '85.71', true, false],
  [{ places: 2 }, '\\frac13', '0.33', false, true],
  [{ tolerance: 0.01 }, '100', '100.5', false, true],
  [{ base: 'required' }, '204_5', '204', true, false],
  [{ intervals: 'same' }, '(2, 5]', '2 < x \\le 5', true, false],
  [{ boxes: 'last' }, '3', '\\boxed{2} and \\boxed{3}', false, true],
  [{ work: 10 }, 'x+1', '1+x', true, false],
];

test.each(switches)('%j: %s and %s', (options, gold, prediction, byDefault, withOption) => {
  expect(isEquivalent(gold, prediction).equivalent === true).toBe(byDefault);
  expect(isEquivalent(gold, prediction, options).equivalent === true).toBe(withOption);
});

test('options outside their range name the function, the argument and what was expected', () => {
  expect(() => isEquivalent('1', '1', { tolerance: 2 })).toThrow('isEquivalent: tolerance must be in [0, 1), got 2');
  expect(() => verifyAnswer('1', '1', { places: -1 })).toThrow(
    'verifyAnswer: places must be a whole number from 0 to 100, got -1',
  );
  expect(() => isEquivalent('1', '1', { work: 0 })).toThrow('isEquivalent: work must be positive and finite, got 0');
  expect(() => isEquivalent('1', '1', { percent: 'both' as 'either' })).toThrow(
    "isEquivalent: percent must be one of 'either', 'value', got \"both\"",
  );
});
