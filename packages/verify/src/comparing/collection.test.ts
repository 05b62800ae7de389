import { expect, test } from 'vitest';
import { contextOf, read } from '../test-support/reading.ts';
import { members, renamed, sameCollection, sameSequence, sameTuple, sameUnordered } from './collection.ts';

const same = (a: string, b: string, order: 'auto' | 'ordered' = 'auto') =>
  sameCollection(read(a), read(b), contextOf({ order })).equal;

test('lists are unordered unless the convention or names say otherwise', () => {
  expect(same('1, 2, 3', '3, 1, 2')).toBe(true);
  expect(same('1, 2, 3', '3, 1, 2', 'ordered')).toBe(false);
  expect(same('1, 2', '1, 2, 2')).toBe(false);
  expect(same('\\{1, 2\\}', '\\{1, 2, 2\\}')).toBe(true);
  expect(same('a=1, b=2', 'b=2, a=1')).toBe(true);
  expect(same('a=1, b=2', 'a=2, b=1')).toBe(false);
  expect(same('a=1, b=2', '2, 1')).toBe(false);
  expect(same('x_1=1, x_2=2', '2, 1')).toBe(true);
});

test('signs: linked in one expression, or each by itself', () => {
  expect(members(read('1 \\pm \\sqrt2'))).toHaveLength(2);
  expect(same('\\pm 1 \\pm 2', '3, -3')).toBe(true);
  expect(same('\\pm 1 \\pm 2', '3, 1, -1, -3')).toBe(true);
  expect(same('\\pm 1 \\pm 2', '3, 1')).toBe(false);
});

test('progressions with more members written out', () => {
  expect(same('1, 2, 3, \\ldots, n', '1, 2, \\ldots, n')).toBe(true);
  expect(same('1, 2, \\ldots, n', '1, 3, \\ldots, n')).toBe(false);
  expect(same('1, 2, 4, \\ldots, n', '1, 2, \\ldots, n')).toBe(false);
});

test('tuples keep their order and, in pairs, their brackets', () => {
  const tuple = (a: string, b: string) => sameTuple(read(a), read(b), contextOf()).equal;
  expect(tuple('(1,2,3)', '[1,2,3]')).toBe(true);
  expect(tuple('(1,2)', '[1,2]')).toBe(false);
  expect(tuple('(1,2)', '(2,1)')).toBe(false);
});

test('sequences and sets of different length differ', () => {
  const [a, b] = [[read('1')], [read('1'), read('2')]];
  expect(sameSequence(a, b, contextOf()).equal).toBe(false);
  expect(sameUnordered(a, b, false, contextOf()).equal).toBe(false);
});

test('one parameter is renamed, two are not', () => {
  expect(renamed(read('2k+1'), read('2n+1'))).toEqual(read('2k+1'));
  expect(renamed(read('a+b'), read('c+d'))).toBeUndefined();
});
