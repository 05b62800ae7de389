import { expect, test } from 'vitest';
import { read } from '../../test-support/reading.ts';
import { beginsFactor } from './parse-command.ts';

test('fractions take groups or single digits, as TeX does', () => {
  const half = read('\\frac{1}{2}');
  for (const text of ['\\frac12', '\\frac1{2}', '\\frac{1}2', '\\dfrac12', '\\tfrac{1}{2}', '\\cfrac 12'])
    expect(read(text), text).toEqual(half);
});

test('floors, ceilings, named sets, accents', () => {
  expect(read('\\lfloor x \\rfloor')).toMatchObject({ k: 'fn', name: 'floor' });
  expect(read('\\lceil x \\rceil')).toMatchObject({ k: 'fn', name: 'ceil' });
  expect(read('\\mathbb{Z}')).toEqual({ k: 'named-set', name: 'Z' });
  expect(read('\\overline{AB}')).toEqual({ k: 'sym', name: 'AB' });
  expect(read('\\bar{z}')).toMatchObject({ k: 'call', name: 'bar' });
  expect(read('\\angle ABC')).toEqual({ k: 'sym', name: 'ABC' });
  expect(read('\\langle 1, 2 \\rangle')).toMatchObject({ k: 'tuple', open: '(' });
});

test('a relation sign begins no factor', () => {
  expect(beginsFactor('pi')).toBe(true);
  expect(beginsFactor('le')).toBe(false);
  expect(beginsFactor('constructor')).toBe(false);
});
