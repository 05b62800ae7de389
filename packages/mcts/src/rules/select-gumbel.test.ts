import { fc, test } from '@fast-check/vitest';
import type { Candidate } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { treeProblem } from '../files/tree-problem.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { growTree, testRules } from '../test-support/grow-tree.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { svpoSearch } from './presets.ts';
import type { Rules } from './rules.ts';
import { type GumbelHalvingOptions, gumbelHalving } from './select-gumbel.ts';
import { maxIterations } from './stop.ts';

const rulesOf = (options: GumbelHalvingOptions): Rules => ({
  ...svpoSearch({ depth: 1000 }),
  select: gumbelHalving(options),
  stop: maxIterations(options.simulations + 1),
});
const steps = (priors: readonly number[], prefix = ''): Candidate[] =>
  priors.map((p, at) => ({ text: `${prefix}${at} `, logps: [Math.log(p)], count: 1, finish: 'step' }));

/** A search in which every state has the same steps, and nothing is ever won or lost. */
const search = (priors: readonly number[], options: GumbelHalvingOptions, seed = 0): Tree => {
  const tree = createTree({ id: 'q', prompt: '?' }, { seed });
  const rules = rulesOf(options);
  for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) tell(tree, rules, leaf, steps(priors));
  return tree;
};
const visitsBelow = (tree: Tree, node: number): number[] =>
  Array.from({ length: tree.childCounts[node]! }, (_, at) => tree.visits[tree.firstChildren[node]! + at]!);

describe('gumbelHalving', () => {
  test('halves as worked by hand: 8 visits, 4 steps: 1 each, then 2 more for the better two', () => {
    expect(visitsBelow(search([0.4, 0.1, 0.3, 0.2], { simulations: 8, noise: 0 }), 0)).toEqual([3, 1, 3, 1]);
    // 3 rounds of 24/3 = 8: one each, two each for four, four each for two.
    const priors = [0.05, 0.2, 0.1, 0.15, 0.3, 0.02, 0.08, 0.1];
    expect(visitsBelow(search(priors, { simulations: 24, noise: 0 }), 0)).toEqual([1, 7, 3, 3, 7, 1, 1, 1]);
  });

  test('considers the likeliest few only', () => {
    const below = visitsBelow(search([0.1, 0.4, 0.2, 0.3], { simulations: 4, considered: 2, noise: 0 }), 0);
    expect(below).toEqual([0, 2, 0, 2]);
  });

  test('visits follow the prior below the root where values say nothing', () => {
    const priors = [0.5, 0.3, 0.2];
    const tree = search(priors, { simulations: 400, considered: 1, noise: 0 });
    const below = visitsBelow(tree, tree.firstChildren[0]!);
    const total = below.reduce((a, b) => a + b);
    below.forEach((n, at) => {
      expect(Math.abs(n - priors[at]! * total)).toBeLessThanOrEqual(1);
    });
  });

  test('draws its noise from the seed: the steps considered are a sample without replacement', () => {
    const priors = [0.6, 0.2, 0.1, 0.1];
    const first = Array.from({ length: 2000 }, (_, seed) => {
      const below = visitsBelow(search(priors, { simulations: 1, considered: 1 }, seed), 0);
      return below.indexOf(1);
    });
    for (const [at, p] of priors.entries()) {
      const share = first.filter((chosen) => chosen === at).length / first.length;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / first.length));
    }
    expect(search(priors, { simulations: 9 }, 5).visits).toEqual(search(priors, { simulations: 9 }, 5).visits);
  });

  test('finds the step that wins', () => {
    const verifier = (_: unknown, response: string) => ({ equivalent: response.startsWith('2'), how: 'test' });
    const rules: Rules = { ...rulesOf({ simulations: 32, noise: 0 }), verifier };
    const tree = createTree({ id: 'q', prompt: '?' });
    for (let leaf = ask(tree, rules); leaf !== undefined; leaf = ask(tree, rules)) {
      const answers = steps([0.5, 0.5]).map((step) => ({ ...step, finish: 'answer' as const }));
      tell(tree, rules, leaf, leaf === 0 ? steps([0.4, 0.3, 0.1, 0.2]) : [...steps([0.5, 0.5], 'x'), ...answers]);
    }
    const below = visitsBelow(tree, 0);
    expect(Math.max(...below)).toBe(below[2]);
    expect(tree.values[tree.firstChildren[0]! + 2]).toBeGreaterThan(0);
  });

  test.prop([fc.integer({ min: 0, max: 1e6 }), fc.nat(9), fc.boolean(), fc.integer({ min: 1, max: 40 })], {
    numRuns: 40,
  })(
    'keeps trees sound with answers, failures, exhausted steps and leaves in flight, past its budget too',
    (seed, inFlight, rescale, simulations) => {
      const rules = { ...testRules, select: gumbelHalving({ simulations, rescale }) };
      const tree = growTree({ seed, iterations: 60, inFlight, rules });
      expect(treeProblem(tree)).toBeUndefined();
    },
  );

  test.each([
    [{ simulations: 0 }, 'simulations must be a positive integer, got 0'],
    [{ simulations: 8, considered: 1.5 }, 'considered must be a positive integer, got 1.5'],
    [{ simulations: 8, noise: -1 }, 'noise must be a finite number ≥ 0, got -1'],
    [{ simulations: 8, valueScale: Number.NaN }, 'valueScale must be a finite number ≥ 0, got NaN'],
  ])('refuses %o', (options, message) => {
    expect(() => gumbelHalving(options)).toThrow(`gumbelHalving: ${message}`);
  });
});
