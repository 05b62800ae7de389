import { expect, test } from 'vitest';
import { read } from '../../test-support/reading.ts';

test('one item is a group, several are a tuple or a set', () => {
  expect(read('(x)')).toEqual(read('x'));
  expect(read('[x]')).toEqual(read('x'));
  expect(read('(x, y]')).toMatchObject({ k: 'tuple', open: '(', close: ']' });
  expect(read('\\{x\\}')).toMatchObject({ k: 'set', args: { length: 1 } });
  expect(read('\\{\\}')).toEqual({ k: 'set', args: [] });
  expect(read('[[1,2],[3,4]]')).toMatchObject({ k: 'tuple', args: [{ k: 'tuple' }, { k: 'tuple' }] });
});

test('bars: absolute values, and "such that" in sets', () => {
  expect(read('|x-1|')).toMatchObject({ k: 'fn', name: 'abs' });
  expect(read('2|x|')).toMatchObject({ k: 'mul' });
  expect(read('\\{x | x > 1\\}')).toMatchObject({ k: 'builder' });
  expect(read('{x|x>1}')).toMatchObject({ k: 'builder' });
});

test('systems are lists that hold together, matrices have equal rows', () => {
  expect(read('\\begin{cases}x=1\\\\y=2\\end{cases}')).toMatchObject({ k: 'list', by: 'and' });
  expect(() => read('\\begin{pmatrix}1&2\\\\3\\end{pmatrix}')).toThrow('not readable');
});
