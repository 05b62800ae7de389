import { expect, test } from 'vitest';
import { read } from '../../test-support/reading.ts';

test('subscripts are names, indices or bases', () => {
  expect(read('x_{max}')).toEqual({ k: 'sym', name: 'x_max' });
  expect(read('a_{n-1}')).toMatchObject({ k: 'call', name: 'a_' });
  expect(read('204_5')).toEqual({ k: 'based', digits: '204', base: 5 });
  expect(read('C_{5}^{2}')).toMatchObject({ k: 'fn', name: 'binom' });
});

test('constants, primes, money, minutes of arc', () => {
  expect(read('e')).toEqual({ k: 'const', name: 'e' });
  expect(read('3i')).toMatchObject({ args: [{ k: 'num' }, { k: 'const', name: 'i' }] });
  expect(read("f'(x)")).toMatchObject({ k: 'call', name: "f'" });
  expect(read('\\$5')).toMatchObject({ k: 'unit', unit: 'dollar' });
  expect(read("60^\\circ 30'")).toMatchObject({ k: 'deg', a: { k: 'add' } });
});

test('mixed numbers only from a proper fraction of plain numbers', () => {
  expect(read('2\\frac{1}{2}')).toEqual(read('2 1/2'));
  expect(read('2\\frac{x}{2}')).toMatchObject({ k: 'mul' });
  expect(() => read('4 10/3')).toThrow('not readable');
});
