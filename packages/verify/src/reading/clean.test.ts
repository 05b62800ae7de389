import { expect, test } from 'vitest';
import { clean } from './clean.ts';

test.each([
  ['$\\frac{1}{2}$', '\\frac{1}{2}'],
  ['x ≤ 3', 'x \\le  3'],
  ['x²', 'x^{2}'],
  ['x₁', 'x_{1}'],
  ['½', '\\frac{1}{2}'],
  ['10{,}000', '10000'],
  ['12,\\!000', '12000'],
  ['−5', '-5'],
  ['\frac{1}{2}', '\\frac{1}{2}'],
  ['\text{a}', '\\text{a}'],
  ['1+3\\\\sqrt{2}', '1+3\\sqrt{2}'],
  ['90^\n', '90'],
  ['185\\', '185'],
  ['12.', '12'],
  ['①③', '1, 3'],
  ['1...n', '1\\ldots n'],
])('%j becomes %j', (raw, expected) => expect(clean(raw)).toBe(expected));

test('rows of an environment keep their ends', () => {
  expect(clean('\\begin{pmatrix}1\\\\[2pt]x\\end{pmatrix}')).toBe('\\begin{pmatrix}1\\\\x\\end{pmatrix}');
});

test('cleaning twice changes nothing more', () => {
  for (const raw of ['$x ≥ 2$', '5 000', '\\$12', 'a−b.', '10\\,000']) expect(clean(clean(raw))).toBe(clean(raw));
});
