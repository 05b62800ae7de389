import { expect, test } from 'vitest';
import { read } from '../test-support/reading.ts';
import { named, nameKey, nameOf, withoutName } from './naming.ts';

test.each([
  ['x', 'x'],
  ['f(x)', 'f(x)'],
  ['\\overline{AB}', 'AB'],
  ['A_1B_1', 'A_1B_1'],
  ['\\frac{NO}{BO}', 'NO/BO'],
  ['(x,y)', '(x,y)'],
  ['|z|', 'abs(z)'],
  ['x^2', undefined],
  ['2x', undefined],
  ['a+b', undefined],
] as const)('%s is named %s', (text, key) => expect(nameKey(read(text))).toBe(key));

test('chains give their last value to the name, and before ≈ the exact one', () => {
  expect(withoutName(read('x = 5+6 = 11'))).toEqual(read('11'));
  expect(nameOf(read('x_1 = 3'))).toBe('x_1');
  expect(named(read('\\sqrt2 \\approx 1.41'))?.values).toEqual([read('\\sqrt2'), read('1.41')]);
  expect(named(read('a+3z=0'))).toBeUndefined();
  expect(withoutName(read('x^2=4 \\Rightarrow x=\\pm 2'))).toEqual(read('\\pm 2'));
});
