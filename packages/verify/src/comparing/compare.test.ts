import { expect, test } from 'vitest';
import { contextOf, read } from '../test-support/reading.ts';
import { same } from './compare.ts';

test.each([
  ['x=5', '5', true],
  ['x=5', 'y=5', false],
  ['f(x)=x^2', 'f(t)=t^2', true],
  ['f(x)=x^2', 'g(x)=x^2', false],
  ['(p,q)=(3,2)', 'p=3, q=2', true],
  ['N=n', 'n', true],
  ['b<a<c', 'b, a, c', true],
  ['(3,4]', '3<t\\le 4', true],
  ['x^2+1 \\text{ for all } x', 'x^2+1', true],
  ['2k\\pi, k\\in\\mathbb{Z}', '2n\\pi, n \\in \\mathbb{Z}', true],
  ['t+1', 'x+1', false],
  ['5', 'x+y=5', true],
  ['0', 'a+3z=0', false],
  ['\\emptyset', '\\text{no solution}', true],
  ['\\mathbb{R}', '\\text{all real numbers}', true],
  ['3', '\\text{three}', true],
  ['5', '\\{5\\}', true],
  ['(1,2)', '1', false],
  ['x \\equiv 2 \\pmod 5', '7 \\pmod 5', true],
] as const)('%s and %s: %s', (gold, prediction, expected) => {
  expect(same(read(gold), read(prediction), contextOf()).equal === true).toBe(expected);
});

test('of an answer with ≈ only the exact part counts; in the truth either does', () => {
  const equal = (gold: string, prediction: string) => same(read(gold), read(prediction), contextOf()).equal;
  expect(equal('\\frac{1+\\sqrt{97}}{8} \\approx 1.356', '1.356')).toBe(true);
  expect(equal('6', '5 \\approx 6')).toBe(false);
});
