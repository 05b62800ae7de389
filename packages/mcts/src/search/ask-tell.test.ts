import { fc, test } from '@fast-check/vitest';
import { type Candidate, createRng, splitRng } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { treeProblem } from '../files/tree-problem.ts';
import { maxBackup, meanBackup, softBackup, visitWeightedBackup } from '../rules/backup.ts';
import { dvoSearch } from '../rules/presets.ts';
import type { Rules } from '../rules/rules.ts';
import { puct, uct } from '../rules/select.ts';
import { maxIterations } from '../rules/stop.ts';
import { drawCandidates, growTree, testRules, treeContent } from '../test-support/grow-tree.ts';
import { leavesInFlight } from '../tree/node-status.ts';
import { requestFor } from '../tree/path.ts';
import { EXPANDED, KIND } from '../tree/status.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { ask, isFinished } from './ask/ask.ts';
import { release } from './tell/expand.ts';
import { tell } from './tell/tell.ts';

const backups = fc.constantFrom(meanBackup, visitWeightedBackup, maxBackup, softBackup({ beta: 0.3 }));
const selections = fc.constantFrom(puct(), puct({ c: 0 }), uct());
const rulesArbitrary: fc.Arbitrary<Rules> = fc
  .record({
    backup: backups,
    select: selections,
    leafVisit: fc.boolean(),
    depth: fc.integer({ min: 1, max: 6 }),
    terminalVisits: fc.constantFrom('once' as const, 'every' as const),
  })
  .map((own) => ({ ...testRules, ...own, stop: maxIterations(400) }));
const seeds = fc.integer({ min: 0, max: 1e6 });

/** Any interleaving of asks and tells: true asks, false tells one of those out. */
const schedules = fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 200 });

const runSchedule = (
  tree: Tree,
  rules: Rules,
  schedule: readonly (readonly [boolean, number])[],
  seed: number,
): number[] => {
  const out: number[] = [];
  const handed: number[] = [];
  for (const [asking, pick] of schedule) {
    if (asking) {
      const leaf = ask(tree, rules);
      if (leaf === undefined) continue;
      handed.push(leaf);
      out.push(leaf);
    } else if (out.length > 0) {
      const [leaf] = out.splice(pick % out.length, 1);
      tell(tree, rules, leaf!, drawCandidates(splitRng(createRng(seed), leaf!)));
    }
  }
  return handed;
};

describe('ask and tell', () => {
  test.prop([rulesArbitrary, schedules, seeds], { numRuns: 300 })(
    'leave a sound tree after any interleaving, under any rules, and hand a leaf out once',
    (rules, schedule, seed) => {
      const tree = createTree({ id: 'q', prompt: '?' }, { capacity: 1 });
      const handed = runSchedule(tree, rules, schedule, seed);
      expect(new Set(handed).size).toBe(handed.length);
      expect(treeProblem(tree)).toBeUndefined();
    },
  );

  test.prop([rulesArbitrary, schedules, seeds])('keep N and V within what was told', (rules, schedule, seed) => {
    const tree = createTree({ id: 'q', prompt: '?' });
    runSchedule(tree, rules, schedule, seed);
    for (let node = 0; node < tree.size; node++) {
      expect(Math.abs(tree.values[node]!)).toBeLessThanOrEqual(1 + 1e-12);
      if ((tree.statuses[node]! & KIND) !== EXPANDED) continue;
      const first = tree.firstChildren[node]!;
      const children = Array.from({ length: tree.childCounts[node]! }, (_, k) => first + k);
      const below = children.reduce((sum, child) => sum + tree.visits[child]!, 0);
      expect(tree.visits[node]).toBe(below + (rules.leafVisit ? 1 : 0));
      // V is the rule's own word on the children.
      const own = rules.leafVisit ? 1 : 0;
      expect(tree.values[node]).toBeCloseTo(rules.backup.at(tree, node, own, 0), 10);
    }
  });

  test.prop([seeds, schedules])('telling twice, late or early changes nothing', (seed, schedule) => {
    const tree = createTree({ id: 'q', prompt: '?' });
    const handed = runSchedule(tree, testRules, schedule, seed);
    const before = treeContent(tree);
    for (const leaf of handed) {
      if ((tree.statuses[leaf]! & KIND) === EXPANDED) expect(tell(tree, testRules, leaf, [])).toBe(false);
    }
    expect(treeContent(tree)).toEqual(before);
  });

  test.prop([seeds, fc.integer({ min: 1, max: 6 })])(
    'releasing what is out is as if it had not been asked',
    (seed, count) => {
      const tree = growTree({ seed, iterations: 20, inFlight: 0 });
      const before = treeContent(tree);
      const out = Array.from({ length: count }, () => ask(tree, testRules)).filter((leaf) => leaf !== undefined);
      expect(leavesInFlight(tree)).toEqual(out.toSorted((a, b) => a - b));
      for (const leaf of out) release(tree, leaf);
      expect(leavesInFlight(tree)).toEqual([]);
      expect(treeContent(tree)).toEqual(before);
    },
  );

  test('end when everything is exhausted, or the rules say stop', () => {
    const rules = dvoSearch({ verifier: () => ({ equivalent: false, how: 'test' }), iterations: 3 });
    const tree = createTree({ id: 'q', prompt: '?' });
    const answer: Candidate = { text: 'no', logps: [-1], count: 1, finish: 'answer' };
    expect(isFinished(tree, rules)).toBe(false);
    tell(tree, rules, ask(tree, rules)!, [answer]);
    expect(isFinished(tree, rules)).toBe(true);
    const wide = createTree({ id: 'q', prompt: '?' });
    growTree({ tree: wide, seed: 1, iterations: 100, inFlight: 0, rules, texts: ['a', 'b', 'c'] });
    expect(wide.iterations).toBe(3);
    expect(isFinished(wide, rules)).toBe(true);
  });

  test('give each state a seed of its own, whatever else happened', () => {
    const early = createTree({ id: 'q', prompt: '?' }, { seed: 5 });
    const late = growTree({
      seed: 5,
      iterations: 50,
      inFlight: 0,
      tree: createTree({ id: 'q', prompt: '?' }, { seed: 5 }),
    });
    expect(requestFor(late, testRules, 0)).toEqual(requestFor(early, testRules, 0));
    const seedsOf = new Set(Array.from({ length: late.size }, (_, node) => requestFor(late, testRules, node).seed));
    expect(seedsOf.size).toBe(late.size);
    for (const seed of seedsOf) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
    const other = createTree({ id: 'r', prompt: '?' }, { seed: 5 });
    expect(requestFor(other, testRules, 0).seed).not.toBe(requestFor(early, testRules, 0).seed);
  });
});

describe('errors', () => {
  const tree = createTree({ id: 'q', prompt: '?' });

  test('name the function, the argument and what was got', () => {
    expect(() => tell(tree, testRules, 0, [])).toThrow('tell: leaf must be a node that ask handed out, got 0');
    expect(() => tell(tree, testRules, 7, [])).toThrow('tell: leaf must be a node that ask handed out, got 7');
    expect(() => createTree({ id: 'q', prompt: '?' }, { seed: 0.5 })).toThrow(
      'createTree: seed must be a safe integer, got 0.5',
    );
    expect(() => dvoSearch({ breadth: 0 })).toThrow('dvoSearch: breadth must be an integer in [1, 65535], got 0');
    expect(() => dvoSearch({ depth: 1e9 })).toThrow('dvoSearch: depth must be an integer in [1, 65535]');
    expect(() => dvoSearch({ iterations: Number.NaN })).toThrow(
      'maxIterations: the limit must be a positive integer, got NaN',
    );
    expect(() => dvoSearch({ rewards: { wrong: Number.NaN } })).toThrow(
      'dvoSearch: rewards.wrong must be a finite number',
    );
    expect(() => puct({ c: -1 })).toThrow('puct: c must be a finite number ≥ 0, got -1');
    expect(() => softBackup({ beta: 0 })).toThrow('softBackup: beta must be a positive finite number, got 0');
  });

  test('of an answer nobody can judge, of values that do not fit, of a policy without log-probs', () => {
    const { verifier: _verifier, ...unjudged } = testRules;
    const fresh = createTree({ id: 'q', prompt: '?' });
    const leaf = ask(fresh, unjudged)!;
    const answer: Candidate = { text: 'x', logps: [-1], count: 1, finish: 'answer' };
    expect(() => tell(fresh, unjudged, leaf, [answer])).toThrow('tell: an answer needs a judge');
    expect(() => tell(fresh, unjudged, leaf, [answer], [1, 2])).toThrow(
      'values must have one number a candidate, got 2 for 1',
    );
    expect(() => tell(fresh, unjudged, leaf, [{ text: 'x', count: 1, finish: 'step' }])).toThrow(
      'meanTokenProb: candidate must have logps',
    );
    // And the tree is as it was: the same answer, made right, is taken.
    expect(tell(fresh, unjudged, leaf, [answer], [0.5])).toBe(true);
    expect(fresh.values[1]).toBe(0.5);
  });

  test('of rules that select what they may not', () => {
    const fresh = growTree({ seed: 1, iterations: 1, inFlight: 0 });
    expect(() => ask(fresh, { ...testRules, select: () => 99 })).toThrow(
      'ask: rules.select must return an available child of node 0, got 99',
    );
    expect(() => ask(fresh, { ...testRules, select: () => 0 })).toThrow('got 0');
  });

  test('of more leaves in flight than can be counted', () => {
    const wide = createTree({ id: 'q', prompt: '?' });
    const steps = Array.from(
      { length: 300 },
      (_, i): Candidate => ({ text: `s${i}`, logps: [-1], count: 1, finish: 'step' }),
    );
    tell(wide, testRules, ask(wide, testRules)!, steps);
    for (let i = 0; i < 255; i++) ask(wide, testRules);
    expect(() => ask(wide, testRules)).toThrow('at most 255 leaves of a tree may be in flight');
    expect(treeProblem(wide)).toBeUndefined();
  });
});
