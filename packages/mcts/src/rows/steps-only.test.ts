/** Rows hold what a model wrote: failures keep their value in the tree and are not to be learnt from. */
import type { Candidate } from '@svo/mdp';
import { expect, test } from 'vitest';
import { loadTree } from '../files/load-tree.ts';
import { saveTree } from '../files/save-tree.ts';
import { svpoSearch } from '../rules/presets.ts';
import { uniformPrior } from '../rules/prior.ts';
import { ask } from '../search/ask/ask.ts';
import { tell } from '../search/tell/tell.ts';
import { treeSummary } from '../tree/summary.ts';
import { createTree } from '../tree/tree.ts';
import { extractPairs } from './extract-pairs.ts';
import { ktoRows, outcomeValueRows, prmRows, rftRows } from './rows.ts';
import { sampleTrajectories } from './sample-trajectories.ts';

const verifier = (_question: unknown, response: string) => ({ equivalent: response.endsWith('right'), how: 'test' });
const rules = svpoSearch({ verifier, prior: uniformPrior });
const step = (text: string): Candidate => ({ text, count: 1, finish: 'step' });
const answer = (text: string): Candidate => ({ text, count: 1, finish: 'answer' });
const unusable = (text = '', kind: 'unparsable' | 'too-large' = 'unparsable'): Candidate => ({
  text,
  count: 1,
  finish: 'error',
  failure: { kind, message: 'no step' },
});

test('a child without a step keeps its −1 in the values and is in no pair, trajectory or row', () => {
  const grown = createTree({ id: 'q', prompt: 'p' });
  tell(grown, rules, ask(grown, rules)!, [answer('right'), unusable(), unusable('half a st', 'too-large'), step('a ')]);
  tell(grown, rules, ask(grown, rules)!, [unusable(), step('')]);
  // Saved and loaded, texts are bytes: the same.
  for (const tree of [grown, loadTree(saveTree(grown))]) {
    expect(treeSummary(tree).outcomes.unusable).toBe(4);
    expect([tree.visits[4], tree.values[4]]).toEqual([3, -2 / 3]);
    // "a " is a step that led to nothing usable: it has words, and is rejected by its value.
    expect(extractPairs(tree).map(({ kind, chosen, rejected }) => [kind, chosen.step, rejected.step])).toEqual([
      ['sibling', 'right', 'a '],
    ]);
    expect(sampleTrajectories(tree).map(({ steps }) => steps)).toEqual([['right']]);
    for (const rows of [rftRows(tree), ktoRows(tree), prmRows(tree), outcomeValueRows(tree)])
      expect(rows).toHaveLength(1);
  }
});

test('a wrong end below the chosen step is no terminal of its pairs, unless asked for', () => {
  const tree = createTree({ id: 'q', prompt: 'p' });
  tell(tree, rules, ask(tree, rules)!, [step('a '), step('b ')]);
  tell(tree, rules, ask(tree, rules)!, [answer('right'), answer('below'), step('c ')]);
  const rejected = (options: object): string[][] =>
    extractPairs(tree, options)
      .filter(({ kind }) => kind === 'terminal')
      .map((pair) => [pair.chosen.step, pair.rejected.step]);
  expect(rejected({})).toEqual([]);
  expect(rejected({ descendants: true })).toEqual([['a ', 'below']]);
  tell(tree, rules, ask(tree, rules)!, [answer('beside')]);
  expect(rejected({ quotas: { terminal: 9 } })).toContainEqual(['a ', 'beside']);
  expect(rejected({ quotas: { terminal: 9 } })).not.toContainEqual(['a ', 'below']);
});

test('positives caps the solutions of a question over its trees; the most visited first, equal ones once', () => {
  const grow = (words: readonly string[]) => {
    const tree = createTree({ id: 'q', prompt: 'p' });
    tell(tree, rules, ask(tree, rules)!, [
      { ...answer('twice right'), count: 2 },
      ...words.map((word) => answer(`${word} right`)),
      answer('wrong'),
    ]);
    return tree;
  };
  const trees = [grow(['one']), grow(['one', 'two', 'three'])];
  const chosen = (options: object): string[] => [
    ...new Set(extractPairs(trees, options).map((pair) => pair.chosen.step)),
  ];
  expect(chosen({})).toHaveLength(4);
  expect(chosen({ positives: 1 })).toEqual(['twice right']);
  expect(chosen({ positives: 2 })).toEqual(['twice right', 'one right']);
  expect(chosen({ positives: 3 })).toEqual(['twice right', 'one right', 'two right']);
  expect(() => extractPairs(trees, { positives: 0 })).toThrow('extractPairs: positives must be at least 1, got 0');
  expect(() => extractPairs([trees[0]!, createTree({ id: 'r', prompt: 'p' })])).toThrow(
    'extractPairs: trees must be of one question, got q, r',
  );
  expect(() => extractPairs(trees, { quota: {} } as object)).toThrow("unknown option 'quota' (did you mean 'quotas'?)");
});

test('trajectories by value: the clearest by V on the way, by visits: the most visited', () => {
  const tree = createTree({ id: 'q', prompt: 'p' });
  tell(tree, rules, ask(tree, rules)!, [
    { ...step('doubtful '), count: 3 },
    { ...step('sure '), count: 2 },
  ]);
  tell(tree, rules, ask(tree, rules)!, [answer('right'), { ...answer('wrong'), count: 5 }]);
  tell(tree, rules, ask(tree, rules)!, [answer('right'), answer('also right')]);
  const first = (by: 'visits' | 'value') => sampleTrajectories(tree, { by, positive: 1, negative: 0 })[0]!.steps[0];
  expect([first('visits'), first('value')]).toEqual(['doubtful ', 'sure ']);
  expect(sampleTrajectories(tree)).toEqual(sampleTrajectories(tree, { by: 'visits' }));
  expect(() => sampleTrajectories(tree, { by: 'luck' as 'value' })).toThrow(
    "by must be 'visits' or 'value', got \"luck\"",
  );
});
