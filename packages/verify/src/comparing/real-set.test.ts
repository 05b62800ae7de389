import { expect, test } from 'vitest';
import { contextOf, read } from '../test-support/reading.ts';
import { isRealSet, sameRealSet, toSegments } from './real-set.ts';

const show = (text: string): string | undefined =>
  toSegments(read(text), contextOf())
    ?.map(({ lo, hi }) => `${lo.closed ? '[' : '('}${lo.value},${hi.value}${hi.closed ? ']' : ')'}`)
    .join(' ');

test.each([
  ['(1, 2]', '(1,2]'],
  ['[0,1]\\cup[1,2]', '[0,2]'],
  ['[0,1)\\cup(1,2]', '[0,1) (1,2]'],
  ['(0,3)\\cap(1,5)', '(1,3)'],
  ['\\mathbb{R}\\setminus\\{1\\}', '(-Infinity,1) (1,Infinity)'],
  ['\\{3, 1\\}', '[1,1] [3,3]'],
  ['x > 2', '(2,Infinity)'],
  ['2 \\ge x', '(-Infinity,2]'],
  ['-2x < 6', '(-3,Infinity)'],
  ['1 < x \\le 4', '(1,4]'],
  ['x \\ne 5', '(-Infinity,5) (5,Infinity)'],
  ['|x| < 3', '(-3,3)'],
  ['|x - 2| \\ge 1', '(-Infinity,1] [3,Infinity)'],
  ['1 \\le |x| \\le 2', '[-2,-1] [1,2]'],
  ['x < 1 \\text{ or } x > 2', '(-Infinity,1) (2,Infinity)'],
  ['\\{x \\mid x \\ge 0\\}', '[0,Infinity)'],
  ['x \\in [1,2]', '[1,2]'],
  ['\\emptyset', ''],
])('%s is %s', (text, expected) => expect(show(text)).toBe(expected));

test.each(['x^2 < 4', '(a, b)', 'x < y', '(3, 1)', 'x = y'])('%s is not laid out', (text) =>
  expect(show(text)).toBeUndefined(),
);

test('the kind of every bracket matters', () => {
  const same = (a: string, b: string) => sameRealSet(read(a), read(b), contextOf()).equal;
  expect(same('[1,2)', '1 \\le x < 2')).toBe(true);
  expect(same('[1,2)', '(1,2)')).toBe(false);
  expect(same('[1,2)', '[1,3)')).toBe(false);
  expect(same('x > 1', 'y > 1')).toBe(false);
});

test('a pair in parentheses is only an interval beside a set', () => {
  expect(isRealSet(read('(1, 2)'))).toBe(false);
  expect(isRealSet(read('(1, 2]'))).toBe(true);
  expect(isRealSet(read('(1, \\infty)'))).toBe(true);
});
