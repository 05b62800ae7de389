/** What never came from the model counts for nothing, whatever the rules: trees with lost draws against trees without. */
import { fc, test } from '@fast-check/vitest';
import { type Candidate, createRng, type Failure, type Policy, splitRng } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { treeProblem } from '../../files/tree-problem.ts';
import { extractPairs } from '../../rows/extract-pairs.ts';
import { rejudge } from '../../rows/rejudge.ts';
import { ktoRows, outcomeValueRows, prmRows, rftRows } from '../../rows/rows.ts';
import { sampleTrajectories } from '../../rows/sample-trajectories.ts';
import { dvoSearch, svpoSearch } from '../../rules/presets.ts';
import { uniformPrior } from '../../rules/prior.ts';
import { drawCandidates, testRules, treeContent } from '../../test-support/grow-tree.ts';
import { treeSummary } from '../../tree/summary.ts';
import { createTree, type Tree } from '../../tree/tree.ts';
import { ask, isFinished } from '../ask/ask.ts';
import { memoryJournal } from '../journal/journal.ts';
import { replayJournal } from '../journal/replay-journal.ts';
import { search } from '../many/search-many.ts';
import { tell } from './tell.ts';

const question = { id: 'q', prompt: '?' };
const lossKinds: Failure['kind'][] = [
  'timeout',
  'rate-limit',
  'server',
  'connection',
  'malformed',
  'cancelled',
  'refused',
];
const fail = (kind: Failure['kind'], count = 1): Candidate => ({
  text: '',
  count,
  finish: 'error',
  failure: { kind, message: 'no' },
});
const step = (text: string): Candidate => ({ text, logps: [-1], count: 1, finish: 'step' });
const answer = (text: string): Candidate => ({ text, logps: [-1], count: 1, finish: 'answer' });
const verifier = (_question: unknown, response: string) => ({ equivalent: response.endsWith('right'), how: 'test' });
const presets = { dvoSearch, svpoSearch };

/** What a tree says of the model, and not of the server. */
const learnt = (tree: Tree) => ({
  values: [...tree.values.subarray(0, tree.size)].filter((_, node) => tree.visits[node]! > 0),
  root: [tree.visits[0], tree.values[0]],
  trajectories: sampleTrajectories(tree, { positive: 99, negative: 99 }),
  pairs: extractPairs(tree),
  rows: [rftRows(tree), ktoRows(tree), prmRows(tree), outcomeValueRows(tree)],
});

describe.each(Object.entries(presets))('under %s', (_name, preset) => {
  test.each(lossKinds)('a draw lost to "%s" counts for nothing beside others', (kind) => {
    const rules = preset({ verifier, prior: uniformPrior });
    const grow = (...more: Candidate[]): Tree => {
      const tree = createTree(question);
      tell(tree, rules, ask(tree, rules)!, [answer('right'), answer('wrong'), step('on'), ...more]);
      tell(tree, rules, ask(tree, rules)!, [answer('so right'), ...more]);
      return tree;
    };
    const [clean, faulty] = [grow(), grow(fail(kind, 2), fail(kind))];
    expect(learnt(faulty)).toEqual(learnt(clean));
    // The prior of a draw that came is its share among those that came.
    expect(faulty.priors[1]).toBe(clean.priors[1]);
    expect(faulty.usage).toMatchObject({ lost: 6, failures: 6, candidates: clean.usage.candidates + 6 });
    expect(rejudge(faulty, rules)).toBe(0);
  });

  test.each(['unparsable', 'too-large'] as const)('what the model wrote and is no step, "%s", is worth −1', (kind) => {
    const rules = preset({ verifier });
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [fail(kind)]);
    expect(treeSummary(tree)).toMatchObject({ outcomes: { unusable: 1, lost: 0 }, failed: false, usage: { lost: 0 } });
    expect(tree.values[1]).toBe(-1);
    expect(tree.values[0]).toBeLessThan(0);
  });

  test('a leaf all of whose draws were lost is asked again, and then the tree is the one without the fault', () => {
    const rules = preset({ verifier, iterations: 5 });
    const grow = (faults: number): Tree => {
      const tree = createTree(question);
      let left = faults;
      for (let turn = 0; ; ) {
        const leaf = ask(tree, rules);
        if (leaf === undefined) return tree;
        if (left > 0) tell(tree, rules, leaf, left-- % 2 === 0 ? [] : [fail('timeout', 5)]);
        else tell(tree, rules, leaf, [answer('right'), step(`${turn++}`), answer('wrong')]);
      }
    };
    const { usage: _clean, lostAnswers: _none, ...clean } = treeContent(grow(0));
    const { usage, lostAnswers, ...faulty } = treeContent(grow(2));
    expect(faulty).toEqual(clean);
    expect(usage).toMatchObject({ requests: 7, lost: 6 });
    expect(lostAnswers).toEqual([[0, 2]]);
  });

  test('the third time it is closed without a visit or a value, and takes no iteration', () => {
    const rules = preset({ verifier, iterations: 3 });
    const tree = createTree(question);
    tell(tree, rules, ask(tree, rules)!, [step('a'), step('b')]);
    const before = treeContent(tree);
    for (let time = 0; time < 3; time++) tell(tree, rules, ask(tree, rules)!, [fail('server', 5)]);
    expect(treeProblem(tree)).toBeUndefined();
    expect([tree.visits[0], tree.values[0], tree.iterations]).toEqual([
      (before.visits as number[])[0],
      (before.values as number[])[0],
      1,
    ]);
    expect(tree.failures.get(3)).toEqual({ kind: 'server', message: 'no' });
    // The other leaf is next, and the tree is not over.
    tell(tree, rules, ask(tree, rules)!, [answer('right')]);
    expect(isFinished(tree, rules)).toBe(true);
    expect(learnt(tree).trajectories.map(({ steps }) => steps)).toEqual([['b', 'right']]);
  });
});

test('a search whose server is down ends, says so, and journals it', async () => {
  const down: Policy = { id: 'down', propose: async ({ count }) => [fail('connection', count)] };
  const journal = memoryJournal();
  const rules = svpoSearch({ verifier });
  const tree = await search({ question, policy: down, rules, journal });
  expect(treeSummary(tree)).toMatchObject({ failed: true, rootVisits: 0, rootValue: 0, iterations: 0, nodes: 2 });
  expect(tree.usage).toMatchObject({ requests: 3, candidates: 15, lost: 15 });
  expect(treeContent(replayJournal(journal.bytes(), rules)[0]!.tree)).toEqual(treeContent(tree));
  expect(treeSummary(createTree(question)).failed).toBe(false);
});

test.prop([fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 4 })], { numRuns: 60 })(
  'with one in three answers lost, at any number of leaves, trees are sound, end, and replay',
  async (seed, leaves) => {
    const flaky: Policy = {
      id: 'flaky',
      propose: async ({ seed: own, count }) => {
        if (own % 3 === 0) return [fail('server', count)];
        return drawCandidates(splitRng(createRng(seed), own));
      },
    };
    const rules = { ...testRules, stop: ({ iterations }: Tree) => iterations >= 25 };
    const journal = memoryJournal();
    const tree = await search({ question, policy: flaky, rules, seed, leaves, journal });
    expect(treeProblem(tree)).toBeUndefined();
    expect(treeContent(replayJournal(journal.bytes(), rules)[0]!.tree)).toEqual(treeContent(tree));
  },
);
