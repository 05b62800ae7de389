import { expect, test } from 'vitest';
import { read } from '../test-support/reading.ts';
import { expandSigns } from './signs.ts';

test('linked signs give two values, free ones all', () => {
  const [linked, free] = expandSigns(read('(\\pm 1, \\pm 2)'), false);
  expect(linked).toHaveLength(2);
  expect(free).toHaveLength(4);
  expect(expandSigns(read('x+1'), false)).toEqual([[read('x+1')]]);
});

test('∓ is the opposite of ±', () => {
  const [values] = expandSigns(read('\\pm 1 \\mp 2'), true);
  expect(values).toEqual([read('1-2'), read('-1+2')]);
});

test('too many free signs are left linked', () => {
  expect(expandSigns(read(`(${Array(9).fill('\\pm 1').join(',')})`), false)).toHaveLength(1);
});
