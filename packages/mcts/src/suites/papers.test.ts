/** Trees worked by hand from the papers' formulas, in the papers' own numbers. */
import type { Candidate } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { dvoSearch, svpoSearch } from '../rules/presets.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { createTree, type Tree } from '../tree/tree.ts';

/** A candidate of one token with probability p, so that its prior is p. */
const step = (text: string, p: number): Candidate => ({ text, logps: [Math.log(p)], count: 1, finish: 'step' });
const answer = (text: string, p: number, count = 1): Candidate => ({
  text,
  logps: [Math.log(p)],
  count,
  finish: 'answer',
});
const verifier = (_question: unknown, response: string) => ({ equivalent: response.endsWith('right'), how: 'test' });

const statistics = (tree: Tree) =>
  Array.from({ length: tree.size }, (_, node) => [tree.visits[node], Number(tree.values[node]!.toFixed(12))]);

describe('SVPO, section 3.1', () => {
  const rules = svpoSearch({ verifier });
  const tree = createTree({ id: 'q', prompt: '?' });

  test('first iteration: the root is worth 0, no child has visits', () => {
    expect(ask(tree, rules)).toBe(0);
    tell(tree, rules, 0, [step('a', 0.5), step('b', 0.4), step('c', 0.11)]);
    expect(statistics(tree)).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('second: PUCT = 0 + 1.25 · π · √1 / 1 picks a; its right and wrong terminals and itself go up', () => {
    expect(ask(tree, rules)).toBe(1);
    tell(tree, rules, 1, [answer('right', 0.5), answer('wrong', 0.3), step('d', 0.2)]);
    // a: results +1, −1 and its own 0; the root had 0 before.
    expect(statistics(tree)).toEqual([
      [4, 0],
      [3, 0],
      [0, 0],
      [0, 0],
      [1, 1],
      [1, -1],
      [0, 0],
    ]);
  });

  test('third: a scores 1.25 · 0.5 · √4 / 4 = 0.3125, b 1.25 · 0.4 · 2 = 1, c 0.275', () => {
    expect(ask(tree, rules)).toBe(2);
    tell(tree, rules, 2, [answer('right', 0.9), answer('also right', 0.1), answer('wrong', 0.2)]);
    // b: +1, +1, −1 and 0: mean 1/4. The root: 0 four times, then 1/4 four times.
    expect(statistics(tree).slice(0, 4)).toEqual([
      [8, 0.125],
      [3, 0],
      [4, 0.25],
      [0, 0],
    ]);
  });

  test('fourth: b is exhausted; a scores 1.25 · 0.5 · √8 / 4 = 0.4419 against c with 0.3889', () => {
    expect(ask(tree, rules)).toBe(6);
    tell(tree, rules, 6, [step('e', 0.7)]);
    expect(statistics(tree).slice(0, 2)).toEqual([
      [9, Number((1 / 9).toFixed(12))],
      [4, 0],
    ]);
  });

  test('fifth: c 1.25 · 0.11 · √9 / 1 = 0.4125 against a with 1.25 · 0.5 · 3 / 5 = 0.375', () => {
    expect(ask(tree, rules)).toBe(3);
  });
});

describe('DVO, section 4.4.1', () => {
  const rules = dvoSearch({ verifier });
  const tree = createTree({ id: 'q', prompt: '?' });

  test('only terminals are propagated: expanding to steps alone changes no count', () => {
    expect(ask(tree, rules)).toBe(0);
    tell(tree, rules, 0, [step('a', 0.2), step('b', 0.6)]);
    expect(statistics(tree)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('with N(s) = 0 the bonus is 0, and the larger prior goes first', () => {
    expect(ask(tree, rules)).toBe(2);
    tell(tree, rules, 2, [answer('right', 0.5), answer('wrong', 0.2, 3), step('c', 0.1)]);
    // V(b) = (1 · 1 + 3 · (−1)) / 4.
    expect(statistics(tree)).toEqual([
      [4, -0.5],
      [0, 0],
      [4, -0.5],
      [1, 1],
      [3, -1],
      [0, 0],
    ]);
  });

  test('V(s) = Σ N(s′)(r + V(s′)) / Σ N(s′) over both branches', () => {
    // a: 0 + 1.5 · 0.2 · √4 = 0.6; b: −0.5 + 1.5 · 0.6 · 2 / 5 = −0.14.
    expect(ask(tree, rules)).toBe(1);
    tell(tree, rules, 1, [answer('right', 0.9), answer('so right', 0.5)]);
    expect(statistics(tree).slice(0, 3)).toEqual([
      [6, 0],
      [2, 1],
      [4, -0.5],
    ]);
    // a is exhausted, b has one leaf left.
    expect(ask(tree, rules)).toBe(5);
    tell(tree, rules, 5, [answer('wrong', 0.9)]);
    expect(statistics(tree).slice(0, 3)).toEqual([
      [7, Number((-1 / 7).toFixed(12))],
      [2, 1],
      [5, -0.6],
    ]);
    expect(ask(tree, rules)).toBeUndefined();
  });
});

test('the presets are the papers’ settings', () => {
  const dvo = dvoSearch();
  expect([dvo.breadth, dvo.depth, dvo.leafVisit, dvo.backup.name]).toEqual([5, 8, false, 'visitWeighted']);
  const svpo = svpoSearch();
  expect([svpo.breadth, svpo.depth, svpo.leafVisit, svpo.backup.name]).toEqual([5, 8, true, 'mean']);
  const tree = createTree({ id: 'q', prompt: '?' });
  const stopsAt = (rules: typeof dvo) => {
    for (tree.iterations = 0; !rules.stop(tree); tree.iterations++);
    return tree.iterations;
  };
  expect([stopsAt(dvo), stopsAt(svpo)]).toEqual([80, 60]);
});
