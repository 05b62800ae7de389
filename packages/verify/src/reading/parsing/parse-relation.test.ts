import { expect, test } from 'vitest';
import { read } from '../../test-support/reading.ts';

test('chains keep their signs in order', () => {
  expect(read('1 \\le x < 3')).toMatchObject({ k: 'rel', ops: ['<=', '<'] });
  expect(read('x != 5')).toMatchObject({ ops: ['!='] });
  expect(read('\\approx 3.14')).toEqual(read('3.14'));
});

test('a letter applied and defined is a function', () => {
  expect(read('x(t) = 2t')).toMatchObject({ args: [{ k: 'call', name: 'x' }, {}] });
  expect(read('x(t+1)')).toMatchObject({ k: 'mul' });
});

test('sets, differences, ratios, times', () => {
  expect(read('\\{1,2\\} - \\{2\\}')).toMatchObject({ k: 'setop', op: 'minus' });
  expect(read('1:2:3')).toMatchObject({ k: 'ratio', args: { length: 3 } });
  expect(read('8:05')).toEqual({ k: 'time', fields: [8, 5], half: '' });
  expect(read('8:05 \\text{ p.m.}')).toMatchObject({ half: 'pm' });
  expect(read('5:8')).toMatchObject({ k: 'ratio' });
});
