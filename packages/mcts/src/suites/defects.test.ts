/** One test for each defect of public search code that shared SEARCH.md section 5 lists, by its number there. */
import type { Candidate, Policy } from '@svo/mdp';
import { expect, test } from 'vitest';
import { saveTree } from '../files/save-tree.ts';
import { rejudge } from '../rows/rejudge.ts';
import { svpoSearch } from '../rules/presets.ts';
import { meanTokenProb, uniformPrior } from '../rules/prior.ts';
import { puct, uct } from '../rules/select.ts';
import { ask, isFinished } from '../search/ask/ask.ts';
import { search, searchMany } from '../search/many/search-many.ts';
import { tell } from '../search/tell/tell.ts';
import { growTree, testRules, treeContent } from '../test-support/grow-tree.ts';
import { nodeStatus } from '../tree/node-status.ts';
import { treeSummary } from '../tree/summary.ts';
import { createTree, type Tree } from '../tree/tree.ts';

const question = { id: 'q', prompt: '?' };
const step = (text: string): Candidate => ({ text, logps: [-1], count: 1, finish: 'step' });
const answer = (text: string): Candidate => ({ text, logps: [-1], count: 1, finish: 'answer' });
const says = (word: string) => (_question: unknown, response: string) => ({
  equivalent: response.includes(word),
  how: 'test',
});

test('1: a step of mean token probability 0.22 has prior 0.22, however long it is', () => {
  for (const length of [1, 10, 40, 400]) {
    const logps = Array.from({ length }, () => Math.log(0.22));
    expect(meanTokenProb({ text: 'x', logps, count: 1, finish: 'step' })).toBeCloseTo(0.22, 12);
  }
});

test('2: PUCT has a prior and a bonus for the unvisited, and is not UCT', () => {
  const tree = createTree(question);
  const rules = svpoSearch({ verifier: says('right') });
  tell(tree, rules, ask(tree, rules)!, [
    { ...step('a'), logps: [Math.log(0.1)] },
    { ...step('b'), logps: [Math.log(0.8)] },
  ]);
  tell(tree, rules, ask(tree, rules)!, [answer('right'), step('c')]);
  // b was visited and won; the unvisited a has 0.1 of prior against b's 0.8: PUCT stays, UCT must try a.
  expect(puct({ c: 0.5 })(tree, 0)).toBe(2);
  expect(uct()(tree, 0)).toBe(1);
  expect(puct({ c: 0.5 })(tree, 2)).not.toBe(-1);
});

test('3: a node keeps a mean, not its returns: its bytes do not grow with its visits', () => {
  const rules = { ...testRules, terminalVisits: 'every' as const, breadth: 1 };
  const tree = createTree(question);
  tell(tree, rules, ask(tree, rules)!, [answer('right')]);
  const before = saveTree(tree).length;
  ask(tree, { ...rules, stop: ({ iterations }) => iterations >= 100_000 });
  expect(tree.visits[0]).toBeGreaterThan(99_000);
  expect(saveTree(tree).length - before).toBeLessThan(16);
});

test('4: a timed-out expansion is a typed failure, and solved and exhausted go up to the root', () => {
  const tree = createTree(question);
  const rules = svpoSearch({ verifier: says('right') });
  tell(tree, rules, ask(tree, rules)!, [step('a'), step('b')]);
  const first = ask(tree, rules)!;
  const second = ask(tree, rules)!;
  const timeout = { kind: 'timeout', message: 'took 60 s' } as const;
  const lost = { text: '', count: 1, finish: 'error', failure: timeout } as const;
  tell(tree, rules, second, [lost]);
  // It is asked again, and given up the third time.
  for (let time = 0; time < 2; time++) expect(tell(tree, rules, ask(tree, rules)!, [lost])).toBe(true);
  // Nothing was learnt from the lost one: no visit, not even the leaf's own.
  expect(tree.visits[second]).toBe(0);
  expect(treeSummary(tree).outcomes.lost).toBe(1);
  expect([...tree.failures.values()]).toEqual([timeout]);
  expect(tree.values[second]).toBe(0);
  expect(nodeStatus(tree, 0)).toMatchObject({ solved: false, exhausted: false });
  tell(tree, rules, first, [answer('right')]);
  expect(nodeStatus(tree, 0)).toMatchObject({ solved: true, exhausted: true });
  expect(isFinished(tree, rules)).toBe(true);
});

test('5: two questions with one text keep their own trees', async () => {
  const policy: Policy = {
    id: 'by id',
    propose: async ({ question: { id } }) => [answer(id === 'a' ? 'right' : 'wrong')],
  };
  const rules = svpoSearch({ verifier: says('right') });
  const values: Record<string, number> = {};
  const questions = ['a', 'b'].map((id) => ({ id, prompt: 'the same words' }));
  for await (const record of searchMany({ questions, policy, rules })) {
    if (record.kind === 'tree') values[`${record.index}:${record.question.id}`] = record.tree.values[0]!;
  }
  expect(values).toEqual({ '0:a': 0.5, '1:b': -0.5 });
});

test('6: nothing draws from a global generator: a search is repeated byte by byte', () => {
  const real = Math.random;
  Math.random = () => {
    throw new Error('Math.random was called');
  };
  try {
    expect(saveTree(growTree({ seed: 9, iterations: 200, inFlight: 0 }))).toEqual(
      saveTree(growTree({ seed: 9, iterations: 200, inFlight: 0 })),
    );
  } finally {
    Math.random = real;
  }
});

test('7: what a model wrote is kept when others of its batch fail', async () => {
  const timeout = { kind: 'timeout', message: 'one of five' } as const;
  const policy: Policy = {
    id: 'half',
    propose: async () => [answer('right'), { text: '', count: 1, finish: 'error', failure: timeout }, step('on')],
  };
  const tree = await search({ question, policy, rules: svpoSearch({ verifier: says('right'), iterations: 1 }) });
  expect(treeContent(tree).texts).toEqual(['', 'right', '', 'on']);
  expect(tree.values[1]).toBe(1);
  expect(tree.failures.get(2)).toEqual(timeout);
});

test('8: every request, draw and token is counted, merged and failed ones included', async () => {
  const sent: number[] = [];
  const policy: Policy = {
    id: 'counting',
    propose: async ({ state }) => {
      sent.push(state.steps.length);
      const five = ['x', 'x', 'x ', 'y'].map((text) => ({ ...step(text), tokenIds: [1, 2, 3], logps: [-1, -1, -1] }));
      return [...five, { text: '', count: 1, finish: 'error', failure: { kind: 'malformed', message: '' } }];
    },
  };
  const tree = await search({ question, policy, rules: svpoSearch({ iterations: 7 }) });
  expect(tree.usage).toEqual({ requests: 7, candidates: 35, tokens: 84, failures: 7, lost: 7, estimates: 0 });
  expect(sent).toHaveLength(7);
  expect([...tree.counts.subarray(1, 4)]).toEqual([3, 1, 1]);
});

test('9: a false negative is judged again without a new search, and Q is as if it had been right at once', () => {
  const strict = svpoSearch({ verifier: says('5.00'), prior: uniformPrior });
  const fair = { ...strict, verifier: says('5') };
  const grow = (rules: typeof strict): Tree => {
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [answer('5'), answer('4'), step('so')]);
    tell(tree, rules, ask(tree, rules)!, [answer('it is 5'), answer('5.00')]);
    return tree;
  };
  const tree = grow(strict);
  expect(tree.values[0]).toBeLessThan(0);
  expect(rejudge(tree, fair)).toBe(2);
  expect(treeContent(tree)).toEqual(treeContent(grow(fair)));
  expect(rejudge(tree, fair)).toBe(0);
});
