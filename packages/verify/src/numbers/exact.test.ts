import { expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { read } from '../test-support/reading.ts';
import { exactValue } from './exact.ts';

const value = (text: string): string | undefined => {
  const x = exactValue(read(text), createBudget());
  return x && (x.d === 1n ? `${x.n}` : `${x.n}/${x.d}`);
};

test.each([
  ['1/2+1/3', '5/6'],
  ['2^{-3}', '1/8'],
  ['(4/9)^{3/2}', '8/27'],
  ['\\sqrt{49}', '7'],
  ['\\sqrt[3]{-8}', '-2'],
  ['|{-5}|', '5'],
  ['\\lfloor -7/2 \\rfloor', '-4'],
  ['\\lceil -7/2 \\rceil', '-3'],
  ['6!', '720'],
  ['\\binom{10}{3}', '120'],
  ['\\gcd(12, 18)', '6'],
  ['lcm(4, 6)', '12'],
  ['\\max(1, 3, 2)', '3'],
  ['\\sum_{k=1}^{100} k', '5050'],
  ['\\prod_{k=1}^{5} \\frac{k}{k+1}', '1/6'],
  ['1101_2', '13'],
  ['25\\%', '1/4'],
  ['0.1\\overline{6}', '1/6'],
])('%s = %s', (text, expected) => expect(value(text)).toBe(expected));

test.each([
  '\\sqrt{2}',
  'x',
  '\\pi',
  '1/0',
  '0^{-1}',
  '(-1)!',
  '9^{9^9}',
  '\\sum_{k=1}^{10} \\sqrt{k}',
  '\\sum_{k=5}^{1} k',
])('%s has no exact value here', (text) => expect(value(text)).toBeUndefined());
