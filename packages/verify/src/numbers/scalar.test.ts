import { expect, test } from 'vitest';
import type { VerifyOptions } from '../options.ts';
import { contextOf, read } from '../test-support/reading.ts';
import { infinity, sameScalar } from './scalar.ts';

const same = (a: string, b: string, options?: VerifyOptions) => sameScalar(read(a), read(b), contextOf(options));

test.each([
  ['6/8', '3/4', 'rational'],
  ['2^{10}', '1024', 'integer'],
  ['(x+1)^2', 'x^2+2x+1', 'symbolic'],
  ['\\sqrt{2}(x+1)', '\\sqrt{2}x+\\sqrt{2}', 'symbolic'],
  ['\\sin 2x', '2\\sin x\\cos x', 'numeric'],
  ['\\infty', '+\\infty', 'infinity'],
  ['85.71', '600/7', 'rounded'],
  ['41.494', '17+10\\sqrt{6}', 'truncated'],
])('%s and %s agree: %s', (a, b, how) => expect(same(a, b)).toEqual({ equal: true, how }));

test.each([
  ['5', '5.001'],
  ['x', '|x|'],
  ['x^2', 'x^2+10^{-9}'],
  ['\\infty', '-\\infty'],
  ['0.16', '0.160257708151404'],
  ['16386.17', '16386.16'],
  ['10^{16}+x', '10^{16}+x+2'],
  ['t+1', 'x+1'],
])('%s and %s differ', (a, b) => expect(same(a, b).equal).toBe(false));

test('options: exact decimals, places, relative tolerance', () => {
  expect(same('85.71', '600/7', { decimals: 'exact' }).equal).toBe(false);
  expect(same('1/3', '0.33').equal).toBe(false);
  expect(same('1/3', '0.33', { places: 2 })).toEqual({ equal: true, how: 'places' });
  expect(same('100', '101', { tolerance: 0.02 })).toEqual({ equal: true, how: 'tolerance' });
  expect(same('100', '103', { tolerance: 0.02 }).equal).toBe(false);
});

test('what doubles can’t hold is not decided by them', () => {
  expect(same('10^{40}\\sin(1)+x', '10^{40}\\sin(1)+x+1').equal).not.toBe(true);
  expect(same('10^{40}\\sin(1)+x', 'x+10^{40}\\sin(1)')).toEqual({ equal: true, how: 'symbolic' });
});

test('signs of infinity', () => {
  expect(infinity(read('-\\infty'))).toBe(-1);
  expect(infinity(read('3'))).toBeUndefined();
});
