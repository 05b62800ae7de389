import { expect, test } from 'vitest';
import { contextOf, read } from '../test-support/reading.ts';
import { hasMatrix, sameMatrix, toRows } from './matrix.ts';

const m = (rows: string) => `\\begin{pmatrix}${rows}\\end{pmatrix}`;
const same = (a: string, b: string) => sameMatrix(read(a), read(b), contextOf()).equal;

test.each([
  [m('1&2\\\\3&4'), m('1.0&2\\\\3&\\sqrt{16}'), true],
  [m('1&2\\\\3&4'), m('1&3\\\\2&4'), false],
  [m('6&8\\\\10&12'), `${m('1&2\\\\3&4')}+${m('5&6\\\\7&8')}`, true],
  [m('1&2\\\\3&4'), `${m('1&2\\\\3&4')}${m('1&0\\\\0&1')}`, true],
  [m('2&4'), `2${m('1&2')}`, true],
  [m('1\\\\2'), '(1,2)', true],
  [m('1\\\\2'), m('1&2'), false],
  [m('1&2\\\\3&4'), '[[1,2],[3,4]]', true],
  [m('1&2\\\\3&4'), '(1,2,3,4)', false],
] as const)('%s and %s: %s', (a, b, expected) => expect(same(a, b)).toBe(expected));

test('what is no matrix has no rows', () => {
  expect(toRows(read('x+1'), contextOf())).toBeUndefined();
  expect(toRows(read('2x'), contextOf())).toBeUndefined();
  expect(hasMatrix(read('x+1'))).toBe(false);
});

test('a determinant is a number', () => {
  expect(hasMatrix(read('\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}'))).toBe(false);
});
