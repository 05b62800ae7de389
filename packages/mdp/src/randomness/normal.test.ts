import { expect, test } from 'vitest';
import { normal, normals } from './normal.ts';
import { createRng, uniforms } from './rng.ts';

const n = 400_000;
const sample = normals(createRng(2), n);
const moment = (power: number) => sample.reduce((sum, x) => sum + x ** power, 0) / n;

test('moments of N(0, 1): 0, 1, 0, 3, each within four standard errors', () => {
  expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
});

test('tails: 2.275 % beyond 2 on each side', () => {
  for (const sign of [-1, 1]) {
    const share = sample.filter((x) => sign * x > 2).length / n;
    expect(Math.abs(share - 0.0227501)).toBeLessThan(4 * Math.sqrt(0.02275 / n));
  }
});

test('equals the polar method with Math.log to the last bits', () => {
  const draws = uniforms(createRng(9), 4000);
  const expected: number[] = [];
  for (let i = 0; i < draws.length; i += 2) {
    const [x, y] = [2 * draws[i]! - 1, 2 * draws[i + 1]! - 1];
    const s = x * x + y * y;
    if (s < 1) expected.push(...[x, y].map((z) => z * Math.sqrt((-2 * Math.log(s)) / s)));
  }
  const actual = normals(createRng(9), expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(4e-15 * Math.abs(value));
  });
});

test('one is the first of many; pinned for every platform', () => {
  expect(normal(createRng(4))[0]).toBe(normals(createRng(4), 3)[0]);
  expect([...normals(createRng(4), 3)]).toEqual([-0.8870007949751083, -0.9448376587673211, 1.6733035877922804]);
  expect(() => normals(createRng(4), 1.5)).toThrow('normals: count must be a whole number, got 1.5');
});
