/** What a policy, a prior or a judge may wrongly give: a typed failure on a node or a clear error, and files that load. */
import type { Candidate, Failure, Policy } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { loadTree } from '../files/load-tree.ts';
import { saveTree } from '../files/save-tree.ts';
import { treeProblem } from '../files/tree-problem.ts';
import { dvoSearch } from '../rules/presets.ts';
import type { Rules } from '../rules/rules.ts';
import { treeContent } from '../test-support/grow-tree.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { memoryJournal } from './journal.ts';
import { replayJournal } from './replay-journal.ts';
import { search } from './search-many.ts';

const question = { id: 'q', prompt: '?' };
const rules = dvoSearch({ verifier: () => ({ equivalent: false, how: 'test' }), iterations: 3 });
const good: Candidate = { text: 'good\n\n', logps: [-1], count: 1, finish: 'step' };

/** Searches with a policy that always gives `answer`; the tree is sound, and so are its file and its journal. */
const searchWith = async (answer: unknown, own: Rules = rules): Promise<Tree> => {
  const one = { id: 'odd', propose: async () => answer as readonly Candidate[] };
  const both: Policy = { ...one, proposeMany: async (requests) => requests.map(() => answer as readonly Candidate[]) };
  const trees: Tree[] = [];
  for (const policy of [one, both]) {
    const journal = memoryJournal();
    const tree = await search({ question, policy, rules: own, journal });
    expect(treeProblem(tree)).toBeUndefined();
    expect(treeContent(loadTree(saveTree(tree)))).toEqual(treeContent(tree));
    const [replayed] = replayJournal(journal.bytes(), own);
    expect(treeContent(replayed!.tree)).toEqual(treeContent(tree));
    trees.push(tree);
  }
  expect(treeContent(trees[0]!)).toEqual(treeContent(trees[1]!));
  return trees[0]!;
};

describe('an answer with', () => {
  const odd = (candidate: unknown): unknown => [good, candidate];
  const cyclic: { kind: string; message: number; self?: unknown } = { kind: 'server', message: 7 };
  cyclic.self = cyclic;
  test.each<[string, unknown, Failure['kind'], string]>([
    ['null for a candidate', odd(null), 'malformed', 'something else than candidates'],
    ['a number for a text', odd({ ...good, text: 5 }), 'malformed', 'something else than candidates'],
    ['a finish that is none', odd({ ...good, finish: 'banana' }), 'malformed', 'something else than candidates'],
    [
      'a failure that is none',
      odd({ ...good, finish: 'error', failure: cyclic }),
      'malformed',
      'a failure that is none',
    ],
    ['a probability above 1', odd({ ...good, text: 'x', logps: [800] }), 'malformed', 'add up to 800'],
    ['a count beyond all counting', odd({ ...good, text: 'x', count: 70_000 }), 'malformed', 'got 70000'],
    ['a step without end', odd({ ...good, text: 'x'.repeat(300_000) }), 'too-large', '300000 characters'],
    ['nothing', undefined, 'malformed', 'something else than candidates'],
    ['no candidates', [], 'malformed', 'no candidates'],
    [
      'more candidates than a node may have',
      Array.from({ length: 70_000 }, (_, i) => ({ ...good, text: `${i}` })),
      'too-large',
      '70000 candidates',
    ],
  ])('%s is a typed failure on a node', async (_, answer, kind, message) => {
    const tree = await searchWith(answer);
    const [failure] = tree.failures.values();
    expect(failure).toEqual({ kind, message: expect.stringContaining(message) });
  });

  test('texts of every kind of character, and log-probs a hair above 0, are as good as others', async () => {
    const texts = ['\0\n\n', '\ud800 half', 'a\u2028b', '🙂', '</script>', '\ufeffx', '"\\'];
    const tree = await searchWith(texts.map((text) => ({ ...good, text, logps: [0.0005] })));
    expect(tree.failures.size).toBe(0);
    expect(tree.childCounts[0]).toBe(texts.length);
  });
});

describe('rules that', () => {
  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'give a prior of %d are an error that says so',
    async (prior) => {
      await expect(searchWith([good], { ...rules, prior: () => prior })).rejects.toThrow(
        `tell: rules.prior must give a finite number ≥ 0, got ${prior}`,
      );
    },
  );

  test.each([
    ['a promise', async () => ({ equivalent: true, how: 'late' }), 'a promise (verifiers are synchronous)'],
    ['nothing', () => undefined, 'undefined'],
    ['a boolean', () => true, 'true'],
  ])('judge by %s are an error that says so', async (_, verifier, got) => {
    const own = { ...rules, verifier } as unknown as Rules;
    await expect(searchWith([{ ...good, finish: 'answer' }], own)).rejects.toThrow(
      `tell: rules.verifier must return a verdict with 'equivalent', got ${got}`,
    );
  });
});

test('a question without an id or a prompt is an error before anything is asked', () => {
  for (const other of [{ id: 5, prompt: '?' }, { id: 'q' }, {}]) {
    expect(() => createTree(other as typeof question)).toThrow(
      'createTree: question must have an id and a prompt, got {',
    );
  }
});
