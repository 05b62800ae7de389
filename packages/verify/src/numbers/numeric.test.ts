import { expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { read } from '../test-support/reading.ts';
import { real } from './complex.ts';
import { evaluate, hashUnit, type Setting } from './numeric.ts';

const at = (values: Record<string, number> = {}, more: Partial<Setting> = {}): Setting => ({
  budget: createBudget(),
  values: new Map(Object.entries(values).map(([name, x]) => [name, real(x, 0)])),
  roundedFrom: Number.POSITIVE_INFINITY,
  logBase: 'e',
  notes: { swallowed: false },
  ...more,
});

test.each([
  ['\\sin 30^\\circ', 0.5],
  ['\\arctan 1', Math.PI / 4],
  ['\\sin^{-1} 1', Math.PI / 2],
  ['\\cot\\frac{\\pi}{4}', 1],
  ['\\sec 0', 1],
  ['\\log_2 8', 3],
  ['\\lg 1000', 3],
  ['\\sinh 1', Math.sinh(1)],
  ['\\tanh 0.3', Math.tanh(0.3)],
  ['(-8)^{1/3}', -2],
  ['e^{i\\pi}', -1],
  ['3:4', 0.75],
  ['5\\%', 0.05],
  ['\\binom{5}{2}', 10],
  ['5!', 120],
])('%s is %f', (text, expected) => expect(evaluate(read(text), at()).re).toBeCloseTo(expected, 12));

test('a logarithm without a base is read in both ways', () => {
  expect(evaluate(read('\\log 100'), at({}, { logBase: '10' })).re).toBeCloseTo(2, 14);
  expect(evaluate(read('\\log 100'), at()).re).toBeCloseTo(Math.log(100), 14);
});

test('literals carry half a unit of their last place only from the asked number of digits on', () => {
  expect(evaluate(read('3.14'), at({}, { roundedFrom: 3 })).err).toBeCloseTo(0.005, 6);
  expect(evaluate(read('3.14'), at({}, { roundedFrom: 4 })).err).toBeLessThan(1e-14);
  expect(evaluate(read('13.5'), at({}, { roundedFrom: 3 })).err).toBeLessThan(1e-13);
});

test('a term lost in a sum is noted', () => {
  const setting = at();
  evaluate(read('10^{20}\\pi + 1'), setting);
  expect(setting.notes.swallowed).toBe(true);
});

test('names hash alike everywhere, and unknown functions keep their arguments apart', () => {
  expect(hashUnit('x#0')).toBe(0.7904158749151975);
  const f = (text: string) => evaluate(read(text), at({ x: 1.5 })).re;
  expect(f('f(x)')).toBe(f('f(3/2)'));
  expect(f('f(x)')).not.toBeCloseTo(f('f(x+1)'), 6);
  expect(f('f(x)')).not.toBeCloseTo(f('g(x)'), 6);
});

test('unknown symbols and unknown forms have no value', () => {
  expect(evaluate(read('q'), at()).re).toBeNaN();
  expect(evaluate(read('(1,2)'), at()).re).toBeNaN();
});
