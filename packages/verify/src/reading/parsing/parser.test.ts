import { expect, test } from 'vitest';
import { createBudget } from '../../budget.ts';
import { read } from '../../test-support/reading.ts';
import type { Node } from '../ast.ts';
import { clean } from '../clean.ts';
import { parseAnswer } from './parser.ts';

const kind = (text: string): Node['k'] => read(text).k;

test.each([
  ['2x + 1', 'add'],
  ['(1, 2]', 'tuple'],
  ['\\{1, 2\\}', 'set'],
  ['{1, 2}', 'set'],
  ['\\{x \\mid x > 0\\}', 'builder'],
  ['(1,2) \\cup (3,4)', 'setop'],
  ['1, 2 \\text{ and } 3', 'list'],
  ['x = 3', 'rel'],
  ['1 < x \\le 2', 'rel'],
  ['3 : 4', 'ratio'],
  ['20:34', 'time'],
  ['5 \\text{ cm}', 'unit'],
  ['25\\%', 'percent'],
  ['60^\\circ', 'deg'],
  ['204_5', 'based'],
  ['\\mathbb{R}', 'named-set'],
  ['\\pm 3', 'pm'],
  ['f(x)', 'call'],
  ['a_{n+1}', 'call'],
  ['x_1', 'sym'],
  ['\\sum_{k=1}^n k', 'series'],
  ['\\begin{bmatrix}1\\\\2\\end{bmatrix}', 'matrix'],
  ['11 5/6', 'num'],
  ['x^2, where x is real', 'qualified'],
  ['\\text{no solution}', 'text'],
])('%s is read as %s', (text, expected) => expect(kind(text)).toBe(expected));

test('groups between semicolons are tuples', () => {
  expect(read('p=5, q=2; p=7, q=2')).toMatchObject({ k: 'list', args: [{ k: 'tuple' }, { k: 'tuple' }] });
});

test.each([
  '\\frac',
  '\\sqrt',
  'x\\frac',
  '2\\sqrt',
  '\\frac{{{',
  '(1',
  '1)',
  ')(',
  '\\left(',
  '\\begin{pmatrix}1',
  '\\unknown{3}',
  '^2',
  '=',
  '1 + ',
])('%s is not read', (text) => expect(parseAnswer(clean(text), 'group', createBudget())).toBeUndefined());

test('nesting is followed to a depth and no further', () => {
  const nested = (n: number) => parseAnswer(`${'('.repeat(n)}x${')'.repeat(n)}`, 'group', createBudget());
  expect(nested(20)).toEqual({ k: 'sym', name: 'x' });
  expect(nested(500)).toBeUndefined();
});
