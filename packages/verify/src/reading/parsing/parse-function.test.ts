import { expect, test } from 'vitest';
import { read } from '../../test-support/reading.ts';

test('arguments with and without parentheses', () => {
  expect(read('\\sin 2x')).toEqual(read('\\sin(2x)'));
  expect(read('\\sin x\\cos y')).toEqual(read('\\sin(x)\\cos(y)'));
  expect(read('\\sin x + 1')).toEqual(read('\\sin(x) + 1'));
  expect(read('\\sin x/(2y)')).toEqual(read('\\sin(x)/(2y)'));
  expect(read('\\cos \\pi/3')).toEqual(read('\\cos(\\pi/3)'));
  expect(read('arcsin(x)')).toEqual(read('\\sin^{-1} x'));
});

test('exponents, bases and roots', () => {
  expect(read('\\sin^2 x')).toEqual(read('(\\sin x)^2'));
  expect(read('\\log_2 8')).toMatchObject({ k: 'fn', name: 'logb' });
  expect(read('\\log_2^2 x')).toMatchObject({ k: 'pow', a: { name: 'logb' } });
  expect(read('\\sqrt[3]{x}')).toMatchObject({ k: 'fn', name: 'root' });
  expect(read('\\sqrt3')).toEqual(read('sqrt(3)'));
  expect(read('exp(x)')).toEqual(read('e^x'));
});

test('series: the index may be i, which then is no imaginary unit', () => {
  expect(read('\\sum_{i=1}^{n} i')).toMatchObject({ k: 'series', index: 'i', body: { k: 'sym', name: 'i' } });
  expect(read('\\sum_{k=1}^{n} i k')).toMatchObject({ body: { args: [{ k: 'const' }, { k: 'sym' }] } });
});
