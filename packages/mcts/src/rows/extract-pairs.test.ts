import { fc, test } from '@fast-check/vitest';
import type { Candidate, PairKind } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { svpoSearch } from '../rules/presets.ts';
import { uniformPrior } from '../rules/prior.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { growTree } from '../test-support/grow-tree.ts';
import { HAS_POSITIVE, outcomeLabels } from '../tree/labels.ts';
import { createTree } from '../tree/tree.ts';
import { extractPairs } from './extract-pairs.ts';

const treesOf = (words: number) =>
  fc
    .record({ seed: fc.integer({ min: 0, max: 1e6 }), iterations: fc.integer({ min: 1, max: 120 }) })
    .map(({ seed, iterations }) => growTree({ seed, iterations, inFlight: 0, words }));
/** Trees in which no step stands twice, so that a text names its node; and trees in which many do. */
const trees = treesOf(2 ** 40);
const repetitive = treesOf(20);
const quotas = fc.record({ sibling: fc.nat(4), cousin: fc.nat(4), terminal: fc.nat(4) });
const sideKey = ({ prefix, step }: { prefix: readonly string[]; step: string }) => JSON.stringify([prefix, step]);

describe('extractPairs', () => {
  test.prop([repetitive, fc.nat()])(
    'every pair prefers the larger value, and shares what its kind says',
    (tree, seed) => {
      for (const { kind, chosen, rejected } of extractPairs(tree, { seed })) {
        expect(chosen.value).toBeGreaterThan(rejected.value);
        const samePrefix = JSON.stringify(chosen.prefix) === JSON.stringify(rejected.prefix);
        const sameDepth = chosen.prefix.length === rejected.prefix.length;
        expect([samePrefix, sameDepth]).toEqual(
          { sibling: [true, true], cousin: [false, true], terminal: [false, false] }[kind],
        );
        expect(sideKey(chosen)).not.toBe(sideKey(rejected));
      }
    },
  );

  test.prop([trees, quotas])(
    'no positive step takes more than its quota of a kind, nor a negative twice',
    (tree, own) => {
      const taken = new Map<string, string[]>();
      for (const { kind, chosen, rejected } of extractPairs(tree, { quotas: own })) {
        const key = `${kind} ${sideKey(chosen)}`;
        taken.set(key, [...(taken.get(key) ?? []), sideKey(rejected)]);
      }
      for (const [key, negatives] of taken) {
        expect(negatives.length).toBeLessThanOrEqual(own[key.split(' ')[0] as PairKind]);
        expect(new Set(negatives).size).toBe(negatives.length);
      }
    },
  );

  test.prop([trees], { numRuns: 30 })('a quota is filled unless no further negative fits', (tree) => {
    const all = extractPairs(tree, { quotas: { sibling: 1000, cousin: 1000, terminal: 1000 } });
    const some = extractPairs(tree);
    const count = (pairs: typeof all, kind: PairKind) => {
      const counts = new Map<string, number>();
      for (const pair of pairs) {
        if (pair.kind === kind) counts.set(sideKey(pair.chosen), (counts.get(sideKey(pair.chosen)) ?? 0) + 1);
      }
      return counts;
    };
    for (const [kind, quota] of [
      ['sibling', 2],
      ['cousin', 1],
      ['terminal', 1],
    ] as const) {
      const possible = count(all, kind);
      const got = count(some, kind);
      for (const [key, number] of possible) expect(got.get(key)).toBe(Math.min(number, quota));
      expect(got.size).toBe(possible.size);
    }
  });

  test.prop([trees])('chosen steps lead to a right answer, rejected ones to wrong answers only; top-down', (tree) => {
    const labels = outcomeLabels(tree);
    const byKey = new Map<string, number[]>();
    for (let node = 1; node < tree.size; node++) {
      const prefix: string[] = [];
      for (let s = tree.parents[node]!; s > 0; s = tree.parents[s]!) prefix.unshift(tree.texts.added[s]!);
      const key = sideKey({ prefix, step: tree.texts.added[node]! });
      byKey.set(key, [...(byKey.get(key) ?? []), node]);
    }
    const pairs = extractPairs(tree);
    for (const { chosen, rejected } of pairs) {
      expect(byKey.get(sideKey(chosen))!.some((node) => (labels[node]! & HAS_POSITIVE) !== 0)).toBe(true);
      expect(byKey.get(sideKey(rejected))!.some((node) => (labels[node]! & HAS_POSITIVE) === 0)).toBe(true);
    }
    const depths = pairs.map(({ chosen }) => chosen.prefix.length);
    expect(depths).toEqual(depths.toSorted((a, b) => a - b));
  });

  test('is repeated by its seed, and a seed orders what is alike', () => {
    const tree = growTree({ seed: 12, iterations: 120, inFlight: 0 });
    expect(extractPairs(tree, { seed: 1 })).toEqual(extractPairs(tree, { seed: 1 }));
    const texts = (seed: number) => extractPairs(tree, { seed }).map(({ rejected }) => rejected.step);
    expect(texts(1)).not.toEqual(texts(2));
  });

  test('margin leaves out pairs whose values are close', () => {
    const tree = growTree({ seed: 12, iterations: 120, inFlight: 0 });
    const wide = extractPairs(tree, { margin: 1.5 });
    expect(wide.length).toBeGreaterThan(0);
    expect(wide.length).toBeLessThan(extractPairs(tree).length);
    for (const { chosen, rejected } of wide) expect(chosen.value - rejected.value).toBeGreaterThanOrEqual(1.5);
  });

  test('a tree worked by hand', () => {
    const verifier = (_question: unknown, response: string) => ({
      equivalent: response.endsWith('right'),
      how: 'test',
    });
    const rules = svpoSearch({ verifier, prior: uniformPrior });
    const tree = createTree({ id: 'q', prompt: 'p' });
    const step = (text: string): Candidate => ({ text, count: 1, finish: 'step' });
    const answer = (text: string): Candidate => ({ text, count: 1, finish: 'answer' });
    tell(tree, rules, ask(tree, rules)!, [step('a '), step('b '), answer('c wrong')]);
    tell(tree, rules, ask(tree, rules)!, [answer('right'), answer('d wrong')]);
    tell(tree, rules, ask(tree, rules)!, [answer('e wrong'), answer('f wrong'), step('g ')]);
    const pairs = extractPairs(tree).map(({ kind, chosen, rejected }) => [
      kind,
      chosen.step,
      chosen.value,
      rejected.step,
    ]);
    // a: V = (1 − 1 + 0) / 3. b leads to wrong answers only and was visited more than c.
    expect(pairs).toEqual([
      ['sibling', 'a ', 0, 'b '],
      ['sibling', 'a ', 0, 'c wrong'],
      ['terminal', 'a ', 0, expect.stringMatching(/^[def] wrong$/)],
      ['sibling', 'right', 1, 'd wrong'],
      ['cousin', 'right', 1, expect.stringMatching(/^[ef] wrong$/)],
      ['terminal', 'right', 1, 'c wrong'],
    ]);
  });

  test('says what is wrong with its settings', () => {
    const tree = createTree({ id: 'q', prompt: 'p' });
    expect(() => extractPairs(tree, { quotas: { cousin: -1 } })).toThrow(
      'extractPairs: quotas.cousin must be a non-negative integer, got -1',
    );
    expect(() => extractPairs(tree, { margin: Number.NaN })).toThrow(
      'extractPairs: margin must be at least 0, got NaN',
    );
    expect(extractPairs(tree)).toEqual([]);
  });
});
