import { fc, test } from '@fast-check/vitest';
import type { Verifier } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { loadTree } from '../files/load-tree.ts';
import { saveTree } from '../files/save-tree.ts';
import { treeProblem } from '../files/tree-problem.ts';
import { maxBackup, meanBackup, softBackup, visitWeightedBackup } from '../rules/backup.ts';
import { ask } from '../search/ask/ask.ts';
import { reroot } from '../search/reroot.ts';
import { growTree, testRules, treeContent } from '../test-support/grow-tree.ts';
import { terminalOutcome } from '../tree/node-status.ts';
import { requestFor, stateOf } from '../tree/path.ts';
import { rejudge } from './rejudge.ts';

const seeds = fc.integer({ min: 0, max: 1e6 });
const backups = fc.constantFrom(meanBackup, visitWeightedBackup, maxBackup, softBackup());
const other: Verifier = (_question, response) => ({
  equivalent: response.length % 3 === 0 ? undefined : response.length % 3 === 1,
  how: 'other',
});

describe('rejudge', () => {
  test.prop([seeds, backups, fc.boolean()])('with the same verdicts changes no bit', (seed, backup, leafVisit) => {
    const rules = { ...testRules, backup, leafVisit };
    const tree = growTree({ seed, iterations: 80, inFlight: 0, rules });
    const before = treeContent(tree);
    expect(rejudge(tree, rules)).toBe(0);
    expect(treeContent(tree)).toEqual(before);
  });

  test.prop([seeds, backups])('there and back again gives the values back', (seed, backup) => {
    const rules = { ...testRules, backup };
    const tree = growTree({ seed, iterations: 80, inFlight: 0, rules });
    const before = tree.values.slice(0, tree.size);
    const visits = tree.visits.slice(0, tree.size);
    rejudge(tree, { ...rules, verifier: other, rewards: { ...rules.rewards, undecided: null } });
    expect(treeProblem(tree)).toBeUndefined();
    rejudge(tree, rules);
    expect([...tree.visits.subarray(0, tree.size)]).toEqual([...visits]);
    tree.values.subarray(0, tree.size).forEach((value, node) => {
      expect(value).toBeCloseTo(before[node]!, 10);
    });
    expect(treeProblem(tree)).toBeUndefined();
  });

  test.prop([seeds])('gives every answer its new outcome, and leaves what was no answer', (seed) => {
    const tree = growTree({ seed, iterations: 80, inFlight: 0 });
    const before = Array.from({ length: tree.size }, (_, node) => terminalOutcome(tree, node));
    rejudge(tree, { ...testRules, verifier: other });
    before.forEach((outcome, node) => {
      if (outcome !== 'correct' && outcome !== 'wrong') expect(terminalOutcome(tree, node)).toBe(outcome);
      else {
        const { equivalent } = other(tree.question, stateOf(tree, node).steps.join(''));
        const expected = equivalent === undefined ? 'undecided' : equivalent ? 'correct' : 'wrong';
        expect(terminalOutcome(tree, node)).toBe(expected);
      }
    });
  });

  test('needs a verifier and a tree at rest', () => {
    const { verifier: _verifier, ...unjudged } = testRules;
    expect(() => rejudge(growTree({ seed: 1, iterations: 3, inFlight: 0 }), unjudged)).toThrow(
      'rejudge: rules.verifier must be given',
    );
    expect(() => rejudge(growTree({ seed: 1, iterations: 3, inFlight: 2 }), testRules)).toThrow(
      'rejudge: no leaf may be in flight, got 2',
    );
  });
});

describe('reroot', () => {
  test.prop([seeds, fc.nat()])(
    'keeps every statistic and every state of the subtree, and saves as a tree',
    (seed, pick) => {
      const tree = growTree({ seed, iterations: 60, inFlight: 0 });
      const inner = Array.from({ length: tree.size }, (_, node) => node).filter(
        (node) => terminalOutcome(tree, node) === undefined,
      );
      const node = inner[pick % inner.length]!;
      const own = loadTree(saveTree(reroot(tree, node)));
      expect(treeProblem(own)).toBeUndefined();
      const states = (one: typeof tree, from: number) =>
        Array.from({ length: one.size }, (_, at) => at)
          .filter(
            (at) =>
              JSON.stringify(stateOf(one, at).steps.slice(0, stateOf(tree, from).steps.length)) ===
              JSON.stringify(stateOf(tree, from).steps),
          )
          .map((at) =>
            JSON.stringify([stateOf(one, at), one.visits[at], one.values[at], one.priors[at], one.statuses[at]]),
          )
          .sort();
      expect(own.size).toBeGreaterThan(0);
      for (const state of states(own, node)) expect(states(tree, node)).toContain(state);
      expect(requestFor(own, testRules, 0)).toEqual(requestFor(tree, testRules, node));
    },
  );

  test('goes on as a search of the rest, under the same limit of depth', () => {
    const tree = growTree({ seed: 3, iterations: 40, inFlight: 0 });
    let node = 0;
    for (let at = 0; at < tree.size; at++)
      if (tree.firstChildren[at]! > 0 && tree.depths[at]! > tree.depths[node]!) node = at;
    const own = reroot(tree, node);
    growTree({ tree: own, seed: 8, iterations: 200, inFlight: 0 });
    expect(own.iterations).toBeGreaterThan(0);
    const deepest = Math.max(...own.depths.subarray(0, own.size));
    expect(deepest + own.prefix.length).toBeLessThanOrEqual(testRules.depth);
  });

  test('needs a node with something below or to come, and a tree at rest', () => {
    const tree = growTree({ seed: 1, iterations: 3, inFlight: 0 });
    const terminal = Array.from({ length: tree.size }, (_, at) => at).find(
      (at) => terminalOutcome(tree, at) !== undefined,
    )!;
    expect(() => reroot(tree, terminal)).toThrow(`reroot: node ${terminal} must not be terminal`);
    expect(() => reroot(tree, 999)).toThrow('reroot: node must be in [0,');
    ask(tree, testRules);
    expect(() => reroot(tree, 0)).toThrow('no leaf may be in flight, got 1');
  });
});
