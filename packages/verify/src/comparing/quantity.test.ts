import { expect, test } from 'vitest';
import type { VerifyOptions } from '../options.ts';
import { contextOf, read } from '../test-support/reading.ts';
import { sameBased, sameQuantity, sameRatio, sameTime } from './quantity.ts';

const same = (a: string, b: string, options?: VerifyOptions) =>
  sameQuantity(read(a), read(b), contextOf(options)).equal;

test('per cent', () => {
  expect(same('28\\%', '0.28')).toBe(true);
  expect(same('28\\%', '28')).toBe(true);
  expect(same('28\\%', '28', { percent: 'value' })).toBe(false);
  expect(same('28\\%', '0.28', { percent: 'value' })).toBe(true);
  expect(same('6.67\\%', '1/15')).toBe(true);
});

test('degrees', () => {
  expect(same('135^\\circ', '3\\pi/4')).toBe(true);
  expect(same('135^\\circ', '135')).toBe(true);
  expect(same('135^\\circ', '45^\\circ')).toBe(false);
  expect(same("60^\\circ 30'", '60.5^\\circ')).toBe(true);
});

test('units: left out, converted, contradicted, required, ignored', () => {
  expect(same('5 \\text{ cm}', '5')).toBe(true);
  expect(same('5 \\text{ cm}', '5', { units: 'required' })).toBe(false);
  expect(same('1 \\text{ m}', '100 \\text{ cm}')).toBe(true);
  expect(same('5 \\text{ m}', '5 \\text{ kg}')).toBe(false);
  expect(same('5 \\text{ m}', '5 \\text{ kg}', { units: 'ignored' })).toBe(true);
  expect(same('2 hours 15 minutes', '135 minutes')).toBe(true);
  expect(same('3 apples', '3 pears')).toBe(true);
});

test('ratios, times and bases', () => {
  expect(sameRatio(read('1:2:3'), read('2:4:6'), contextOf()).equal).toBe(true);
  expect(sameRatio(read('1:2:3'), read('3:2:1'), contextOf()).equal).toBe(false);
  expect(sameRatio(read('2:1'), read('2'), contextOf()).equal).toBe(true);
  const time = (a: string, b: string) =>
    sameTime(read(a) as Extract<ReturnType<typeof read>, { k: 'time' }>, read(b), contextOf()).equal;
  expect(time('20:34', '08:34 \\text{P.M.}')).toBe(true);
  expect(time('20:34', '10:17')).toBe(false);
  expect(time('12:00', '1:00')).toBe(false);
  expect(sameBased(read('11_2'), read('3'), contextOf()).equal).toBe(true);
  expect(sameBased(read('11_2'), read('11'), contextOf()).equal).toBe(true);
  expect(sameBased(read('11_2'), read('11'), contextOf({ base: 'required' })).equal).toBe(false);
  expect(sameBased(read('11_2'), read('11_3'), contextOf()).equal).toBe(false);
});
