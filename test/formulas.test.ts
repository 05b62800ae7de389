/** The formulas of docs/losses.md: one section an export, and each line gives what the float64 reference gives. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as losses from '@svo/losses';
import { createRng, uniforms } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { formulaSections } from '../docs-site/api/formulas.ts';
import { equations, evaluateTex } from './formulas/evaluate-tex.ts';
import { maskedCases } from './formulas/masked-cases.ts';
import { type CaseOf, pairCases } from './formulas/pair-cases.ts';
import { slotCases } from './formulas/slot-cases.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/losses.md'), 'utf8');
const sections = formulaSections(page);
const cases: Readonly<Record<string, CaseOf>> = { ...pairCases, ...maskedCases, ...slotCases };

const only = (these: readonly string[], those: readonly string[]): string[] =>
  these.filter((name) => !those.includes(name));

test('every function of @svo/losses has a section with a formula, and there is no other', () => {
  const functions = Object.entries(losses).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  const shown = sections.filter(({ formulas }) => formulas.length > 0).map(({ name }) => name);
  expect(only(functions, shown), 'exports without a section and formula in docs/losses.md').toEqual([]);
  expect(only(shown, functions), 'sections of docs/losses.md that are no export').toEqual([]);
});

test('every aligned formula is executed', () => {
  const aligned = sections
    .filter(({ formulas }) => formulas.some((tex) => equations(tex).length > 0))
    .map(({ name }) => name);
  expect(only(aligned, Object.keys(cases)), 'formulas without a case in test/formulas/slot-cases.ts').toEqual([]);
  expect(only(Object.keys(cases), aligned), 'cases without an aligned formula in docs/losses.md').toEqual([]);
});

describe.each(Object.entries(cases))('%s', (name, caseOf) => {
  const formulas = sections.find((section) => section.name === name)?.formulas ?? [];
  const tex = formulas.find((formula) => equations(formula).length > 0)!;

  test('its formula gives the value and the gradients of the reference', () => {
    const numbers = uniforms(createRng(7), 20 * 10);
    for (let round = 0; round < 20; round++) {
      let drawn = 10 * round;
      const given = caseOf(() => numbers[drawn++]!);
      expect(drawn).toBeLessThanOrEqual(10 * (round + 1));
      const values = evaluateTex(tex, given.numbers);
      for (const [line, wanted] of Object.entries(given.expected)) expect(values[line], line).toBeCloseTo(wanted, 10);
    }
  });
});

test('a wrong formula would be noticed', () => {
  const right = String.raw`\begin{aligned}
x &= \beta\,(\Delta_w - \Delta_l) \\
y &= \operatorname{softplus}(-x)
\end{aligned}`;
  const numbers = { beta: 2, Delta_w: 1, Delta_l: 0.5 };
  expect(evaluateTex(right, numbers).y).toBeCloseTo(Math.log1p(Math.exp(-1)), 12);
  expect(evaluateTex(right.replace('(-x)', '(x)'), numbers).y).not.toBeCloseTo(Math.log1p(Math.exp(-1)), 1);
  expect(() => evaluateTex(right, { beta: 2 })).toThrow('no number for Delta_w');
});
