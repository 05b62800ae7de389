import type { Candidate, Verifier } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { stateOf } from '../tree/path.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { maxBackup, meanBackup, softBackup, visitWeightedBackup } from './backup.ts';
import { dvoSearch } from './presets.ts';
import { uniformPrior } from './prior.ts';
import type { Backup, Rules } from './rules.ts';
import { puct, uct } from './select.ts';
import { maxIterations } from './stop.ts';

/** A small game: three moves a, b, c of unequal counts, three deep; the reward hangs on the path alone. */
const MOVES = ['a', 'b', 'c'] as const;
const COUNTS = [1, 2, 3] as const;
const DEPTH = 3;
const reward = (path: string): number =>
  (((path.charCodeAt(0) * 7 + path.charCodeAt(1) * 5 + path.charCodeAt(2) * 3) % 11) - 5) / 5;

/** Exact values by dynamic programming, from the definition alone. */
const exact = (path: string, combine: (values: readonly number[]) => number): number =>
  path.length === DEPTH ? reward(path) : combine(MOVES.map((move) => exact(path + move, combine)));
const total = COUNTS.reduce((a, b) => a + b, 0);
const combineBy = {
  max: (values: readonly number[]) => Math.max(...values),
  mean: (values: readonly number[]) => values.reduce((sum, value, k) => sum + (COUNTS[k]! / total) * value, 0),
  soft: (beta: number) => (values: readonly number[]) =>
    beta * Math.log(values.reduce((sum, value, k) => sum + (COUNTS[k]! / total) * Math.exp(value / beta), 0)),
};

const judged: Verifier = () => ({ equivalent: undefined, how: 'valued' });
const play = (own: Partial<Rules>, iterations: number): Tree => {
  const { verifier: _verifier, ...rest } = dvoSearch({ verifier: judged, prior: uniformPrior, breadth: 6 });
  const rules: Rules = { ...rest, stop: maxIterations(iterations), ...own };
  const tree = createTree({ id: 'game', prompt: '' });
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) {
    const path = stateOf(tree, leaf).steps.join('');
    const last = path.length === DEPTH - 1;
    const candidates = MOVES.map(
      (text, k): Candidate => ({ text, count: COUNTS[k]!, finish: last ? 'answer' : 'step' }),
    );
    // The rewards are not ±1, so they come as values of answers that nobody judges.
    const values = last ? MOVES.map((move) => reward(path + move)) : MOVES.map(() => 0);
    tell(tree, rules, leaf, candidates, last ? values : undefined);
  }
  return tree;
};
const valueAt = (tree: Tree, path: string): number => {
  let node = 0;
  for (const move of path) node = tree.firstChildren[node]! + MOVES.indexOf(move as 'a');
  return tree.values[node]!;
};

describe('once the game is exhausted', () => {
  const cases: [Backup, (values: readonly number[]) => number][] = [
    [maxBackup, combineBy.max],
    [softBackup({ beta: 0.1 }), combineBy.soft(0.1)],
    [softBackup({ beta: 2 }), combineBy.soft(2)],
  ];
  test.each(cases)('every V is what dynamic programming gives: $name', (backup, combine) => {
    const tree = play({ backup }, 1000);
    expect(tree.size).toBe(1 + 3 + 9 + 27);
    for (const path of ['', 'a', 'b', 'c', 'ab', 'bc', 'cc', 'abc']) {
      expect(valueAt(tree, path)).toBeCloseTo(exact(path, combine), 12);
    }
  });

  test.each([meanBackup, visitWeightedBackup])(
    'V is the policy’s own value where every branch is as deep: $name',
    (backup) => {
      // Counts multiply along no path: a leaf's weight is its own count, so the value is exact one level up.
      const tree = play({ backup }, 1000);
      for (const path of ['aa', 'ab', 'bc', 'cc'])
        expect(valueAt(tree, path)).toBeCloseTo(exact(path, combineBy.mean), 12);
    },
  );

  test('a large β is the mean over draws, a small one the maximum', () => {
    expect(play({ backup: softBackup({ beta: 1e6 }) }, 1000).values[0]).toBeCloseTo(exact('', combineBy.mean), 5);
    expect(play({ backup: softBackup({ beta: 1e-3 }) }, 1000).values[0]).toBeCloseTo(exact('', combineBy.max), 2);
  });
});

describe('in the limit of many visits', () => {
  test.each([
    ['PUCT', puct({ c: 1.25 })],
    ['UCT', uct({ c: 1 })],
  ])('%s brings the mean to the best play’s value, and the error falls', (_name, select) => {
    const best = exact('', combineBy.max);
    const errors = [300, 3000, 100_000].map((visits) => {
      const tree = play({ backup: meanBackup, select, terminalVisits: 'every' }, visits);
      return Math.abs(tree.values[0]! - best);
    });
    expect(errors[1]).toBeLessThan(errors[0]!);
    expect(errors[2]).toBeLessThan(errors[1]!);
    expect(errors[2]).toBeLessThan(0.02);
  });
});

test('mean and visit-weighted are one where only terminals count', () => {
  const mean = play({ backup: meanBackup }, 9);
  const weighted = play({ backup: visitWeightedBackup }, 9);
  expect(mean.size).toBe(weighted.size);
  for (let node = 0; node < mean.size; node++) expect(mean.values[node]).toBeCloseTo(weighted.values[node]!, 12);
});
