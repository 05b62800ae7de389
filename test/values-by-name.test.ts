/** Four ways to estimate values, one signature, on trees whose values are known exactly. */
import {
  drawnTrajectories,
  dvoSearch,
  extractPairs,
  loadTree,
  modelValues,
  prefixValues,
  rolloutValues,
  sampleTrajectories,
  saveTree,
  search,
  searchValues,
  stateOf,
  type Tree,
  treeSummary,
  type ValueOptions,
} from '@svo/mcts';
import type { Candidate, Policy, Question, ValueModel } from '@svo/mdp';
import { type PlantedTree, plantedTree } from '@svo/policy/testing';
import { describe, expect, test } from 'vitest';

const planted = plantedTree({ seed: 5, branching: 3, depth: 4, minDepth: 2 });
const exact = (tree: PlantedTree): ValueModel => ({
  id: 'exact',
  values: async (states) => states.map(({ state }) => tree.value(state)),
});

type Estimate = (question: Question, options: ValueOptions) => Promise<Tree>;
const ways: Readonly<Record<string, Estimate>> = {
  searchValues: (question, options) => searchValues(question, { ...options, iterations: 20, breadth: 3 }),
  prefixValues: (question, options) => prefixValues(question, { ...options, responses: 40 }),
  rolloutValues: (question, options) => rolloutValues(question, { ...options, responses: 20, rollouts: 10 }),
  modelValues: (question, options) => modelValues(question, { ...options, valueModel: exact(planted), responses: 20 }),
};
const { policy, verifier } = planted;

/** Nodes that were gone on from: their values are what is estimated. */
const states = (tree: Tree): number[] =>
  Array.from({ length: tree.size }, (_, node) => node).filter((node) => tree.firstChildren[node]! >= 0);

describe.each(Object.entries(ways))('%s', (_, estimate) => {
  test('gives a tree that everything reads, the same again for its seed, another for another', async () => {
    const question = planted.question(0);
    const tree = await estimate(question, { policy, verifier, seed: 3 });
    const all = drawnTrajectories(tree);
    expect(all.length).toBeGreaterThan(5);
    for (const { credits, reward, values } of [...all, ...sampleTrajectories(tree)])
      expect(credits.reduce((sum, credit) => sum + credit, 0)).toBeCloseTo(reward - values[0]!, 12);
    expect(extractPairs(tree).length).toBeGreaterThan(0);
    const bytes = saveTree(tree);
    expect(saveTree(loadTree(bytes))).toEqual(bytes);
    expect(saveTree(await estimate(question, { policy, verifier, seed: 3 }))).toEqual(bytes);
    expect(saveTree(await estimate(question, { policy, verifier, seed: 4 }))).not.toEqual(bytes);
  });

  test('a server that never answers is no wrong answer', async () => {
    const failure = { kind: 'server', message: 'down' } as const;
    const down: Policy = { id: 'down', propose: async () => [{ text: '', count: 1, finish: 'error', failure }] };
    const tree = await estimate(planted.question(0), { policy: down, verifier });
    expect(treeSummary(tree).failed).toBe(true);
    expect(drawnTrajectories(tree)).toEqual([]);
    expect(tree.values[0]).toBe(0);
  });

  test('an unknown option is refused by name', async () => {
    const options = { policy, verifier, sead: 1 } as ValueOptions;
    await expect((async () => estimate(planted.question(0), options))()).rejects.toThrow("did you mean 'seed'?");
  });
});

test('prefixValues: the root is worth the mean outcome, which is V(s₀) up to chance', async () => {
  const responses = 4000;
  for (let index = 0; index < 5; index++) {
    const tree = await prefixValues(planted.question(index), { policy, verifier, responses, shrink: false });
    const outcomes = drawnTrajectories(tree).map(({ reward }) => reward);
    expect(outcomes).toHaveLength(responses);
    const mean = outcomes.reduce((sum, outcome) => sum + outcome, 0) / responses;
    expect(tree.values[0]).toBeCloseTo(mean, 12);
    // Five standard errors of a mean of ±1.
    const root = stateOf(tree, 0);
    expect(Math.abs(mean - planted.value(root))).toBeLessThan(5 / Math.sqrt(responses));
  }
});

test('rolloutValues: every state within chance of its exact value, however few responses went through it', async () => {
  const rollouts = 1000;
  const tree = await rolloutValues(planted.question(1), { policy, verifier, responses: 6, rollouts });
  expect(states(tree).length).toBeGreaterThan(6);
  for (const node of states(tree)) {
    const value = planted.value(stateOf(tree, node));
    expect(Math.abs(tree.values[node]! - value)).toBeLessThan(5 / Math.sqrt(rollouts));
  }
  expect(Math.min(...states(tree).map((node) => tree.visits[node]!))).toBe(1);
});

test('modelValues: what the model says, and outcomes at the ends', async () => {
  const tree = await modelValues(planted.question(2), { policy, verifier, valueModel: exact(planted) });
  for (let node = 0; node < tree.size; node++) expect(tree.values[node]).toBe(planted.value(stateOf(tree, node)));
  expect(tree.usage.estimates).toBe(states(tree).length);
});

test('searchValues: the tree that search gives under DVO’s rules', async () => {
  const question = planted.question(3);
  const rules = dvoSearch({ verifier, iterations: 30, breadth: 4, depth: 6 });
  const tree = await searchValues(question, { policy, verifier, iterations: 30, breadth: 4, depth: 6, seed: 9 });
  expect(saveTree(tree)).toEqual(saveTree(await search({ question, policy, rules, seed: 9 })));
});

test('a draw that the model ended without a step is wrong, one that a server lost counts for nothing, one cut off is −1', async () => {
  const answers: readonly Candidate[] = [
    { text: 'Final Answer: 1', count: 1, finish: 'answer' },
    { text: '', count: 1, finish: 'error', failure: { kind: 'unparsable', message: 'nothing' } },
    { text: '', count: 1, finish: 'error', failure: { kind: 'timeout', message: 'slow' } },
    { text: 'and so', count: 1, finish: 'length' },
  ];
  let asked = 0;
  // Each request again and again the same: a lost draw is asked for three times.
  const bySeed = new Map<number, Candidate>();
  const mixed: Policy = {
    id: 'mixed',
    propose: async ({ seed }) => {
      if (!bySeed.has(seed)) bySeed.set(seed, answers[asked++ % 4]!);
      return [bySeed.get(seed)!];
    },
  };
  const tree = await prefixValues(planted.question(0), { policy: mixed, verifier, responses: 8, shrink: false });
  expect([tree.values[0], tree.visits[0]]).toEqual([(2 - 2 - 2) / 6, 6]);
  expect(treeSummary(tree).outcomes).toMatchObject({ correct: 1, unusable: 1, cut: 1 });
  expect(tree.usage).toMatchObject({ requests: 12, lost: 6 });
});

test.each([
  ['prefixValues', () => prefixValues(planted.question(0), { policy, verifier, responses: 0 })],
  ['rolloutValues', () => rolloutValues(planted.question(0), { policy, verifier, rollouts: 1.5 })],
  ['modelValues', () => modelValues(planted.question(0), { policy, verifier, valueModel: exact(planted), depth: -1 })],
])('%s refuses numbers that are no counts', async (name, call) => {
  await expect(call()).rejects.toThrow(new RegExp(`^${name}: \\w+ must be a positive integer, got`));
});
