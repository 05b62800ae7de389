/** What a policy, a prior or a judge may wrongly give: an error that names the question, or a typed failure on a node. */
import type { Candidate, Policy } from '@svo/mdp';
import { describe, expect, test } from 'vitest';
import { loadTree } from '../files/load-tree.ts';
import { saveTree } from '../files/save-tree.ts';
import { treeProblem } from '../files/tree-problem.ts';
import { dvoSearch } from '../rules/presets.ts';
import type { Rules } from '../rules/rules.ts';
import { treeContent } from '../test-support/grow-tree.ts';
import { treeSummary } from '../tree/summary.ts';
import { createTree, type Tree } from '../tree/tree.ts';
import { memoryJournal } from './journal/journal.ts';
import { replayJournal } from './journal/replay-journal.ts';
import { search } from './many/search-many.ts';

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

describe('an answer that no policy may give is an error that names the question and the policy:', () => {
  const odd = (candidate: unknown): unknown => [good, candidate];
  const cyclic: { kind: string; message: number; self?: unknown } = { kind: 'server', message: 7 };
  cyclic.self = cyclic;
  const given = "searchMany: question 'q': the policy 'odd' gave ";
  test.each<[string, unknown, string]>([
    [
      'null for a candidate',
      odd(null),
      `${given}something else than a candidate (text, count, finish) as candidate 1: null`,
    ],
    ['a number for a text', odd({ ...good, text: 5 }), `${given}something else than a candidate`],
    ['a finish that is none', odd({ ...good, finish: 'banana' }), 'finish: banana'],
    ['a failure that is none', odd({ ...good, finish: 'error', failure: cyclic }), `${given}a failure that is none`],
    [
      'probabilities for logps',
      odd({ ...good, text: 'x', logps: [0.5, 0.25] }),
      'at most 0, got 0.75 (are they probabilities?)',
    ],
    [
      'log-probs of a model that diverged',
      odd({ ...good, text: 'x', logps: [Number.NaN] }),
      'finite numbers, got [NaN]',
    ],
    ['a count beyond all counting', odd({ ...good, text: 'x', count: 70_000 }), 'integer in [1, 65535], got 70000'],
    [
      'equal steps drawn too often together',
      [
        { ...good, count: 40_000 },
        { ...good, count: 40_000 },
      ],
      'got 80000',
    ],
    ['nothing', undefined, `${given}something else than a list of candidates: undefined`],
    [
      'more candidates than a node may have',
      Array.from({ length: 70_000 }, (_, i) => ({ ...good, text: `${i}` })),
      `${given}70000 candidates, more than the 65535 a node may have`,
    ],
  ])('%s', async (_, answer, message) => {
    const error = await searchWith(answer).catch((thrown) => thrown);
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^searchMany: question 'q': /);
    expect(error.questionIds).toEqual(['q']);
  });
});

describe('an answer', () => {
  test('that ran out of tokens before its first word is cut, and says why', async () => {
    const failure = { kind: 'too-large', message: 'all tokens went into reasoning' } as const;
    const tree = await searchWith([good, { text: '', count: 1, finish: 'length', failure }]);
    expect([...tree.failures.values()][0]).toEqual(failure);
    expect(treeSummary(tree).outcomes).toMatchObject({ unusable: 0, lost: 0 });
    expect(treeSummary(tree).outcomes.cut).toBeGreaterThan(0);
  });

  test('of a step without end is the model’s own, and unusable', async () => {
    const tree = await searchWith([good, { ...good, text: 'x'.repeat(300_000) }]);
    expect([...tree.failures.values()][0]).toMatchObject({
      kind: 'too-large',
      message: expect.stringContaining('300000'),
    });
    expect(treeSummary(tree).outcomes.unusable).toBeGreaterThan(0);
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
    ['a promise that is rejected', () => Promise.reject('no'), 'a promise (verifiers are synchronous)'],
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
