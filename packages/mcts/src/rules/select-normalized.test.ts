import { expect, test } from 'vitest';
import { treeProblem } from '../files/tree-problem.ts';
import { growTree, testRules } from '../test-support/grow-tree.ts';
import { normalizedPuct } from './select-normalized.ts';

test('selects only what may be selected, on values of any scale', () => {
  for (const options of [{}, { range: [-1, 1] as const }]) {
    const rules = { ...testRules, select: normalizedPuct(options) };
    expect(treeProblem(growTree({ seed: 5, iterations: 200, inFlight: 5, rules }))).toBeUndefined();
  }
});

test('says what is wrong with its settings', () => {
  expect(() => normalizedPuct({ base: 0 })).toThrow('normalizedPuct: base must be a positive finite number, got 0');
  expect(() => normalizedPuct({ c: -1 })).toThrow('normalizedPuct: c must be a finite number ≥ 0, got -1');
  for (const range of [
    [1, 1],
    [1, -1],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
  ] as const) {
    expect(() => normalizedPuct({ range })).toThrow('normalizedPuct: range must be [least, largest], got [');
  }
});
