import { expect, test } from 'vitest';
import { harmlessPrefix, numberWord, qualifierStart, unitOf } from './words.ts';

test('units with their powers', () => {
  expect(unitOf('cm')).toEqual({ dimension: 'length', scale: 0.01 });
  expect(unitOf('square feet')?.dimension).toBe('area');
  expect(unitOf('cm^3')?.scale).toBeCloseTo(0.001, 12);
  expect(unitOf('cubic meters')?.scale).toBe(1000);
  expect(unitOf('apples')).toBeUndefined();
  expect(unitOf('constructor')).toBeUndefined();
});

test('number words', () => {
  expect(numberWord('three')).toBe(3);
  expect(numberWord('thirty-one')).toBe(31);
  expect(numberWord('forty two')).toBe(42);
  expect(numberWord('three hundred and one')).toBeUndefined();
  expect(numberWord('one two')).toBeUndefined();
});

test('words before and after an answer', () => {
  expect(harmlessPrefix('Therefore the answer is')).toBe(true);
  expect(harmlessPrefix('at least')).toBe(false);
  expect(qualifierStart.test('where k is an integer')).toBe(true);
  expect(qualifierStart.test('centimetres')).toBe(false);
});
