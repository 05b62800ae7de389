/** Inference on planted trees, whose every value is known, against answers worked out by brute force. */
import {
  bestOfN,
  bestResponse,
  dvoSearch,
  majorityVote,
  sampleResponses,
  search,
  stepBeamSearch,
  uniformPrior,
  weightedVote,
} from '@svo/mcts';
import { type Candidate, initialState, type Policy, type State, transition, type ValueModel } from '@svo/mdp';
import { type PlantedTree, plantedTree } from '@svo/policy/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const planted = (seed: number): PlantedTree =>
  plantedTree({ seed, branching: 3, depth: 4, minDepth: 2, successRate: 0.3 });

/** All steps there are, each once, as a policy; and the exact values, as a value model. */
const everyStep = (tree: PlantedTree): Policy => ({
  id: 'every step',
  propose: async ({ state }) => childrenOf(tree, state),
});
const childrenOf = (tree: PlantedTree, state: State): Candidate[] =>
  tree.probabilities(state).map((p, branch) => {
    const text = tree.step(state, branch);
    const ends = tree.reward(transition(state, text)) !== undefined;
    return { text, logps: [Math.log(p)], count: 1, finish: ends ? 'answer' : 'step' };
  });
const exact = (tree: PlantedTree): ValueModel => ({
  id: 'exact',
  values: async (requests) => requests.map(({ state }) => tree.value(state)),
});

/** The leaves of a tree, in order. */
const leavesOf = (tree: PlantedTree, state: State): State[] =>
  tree.reward(state) !== undefined
    ? [state]
    : childrenOf(tree, state).flatMap(({ text }) => leavesOf(tree, transition(state, text)));

/** Beam search by the book: at each depth all continuations, of which the best stay, those that end leaving it. */
const beamByBruteForce = (tree: PlantedTree, root: State, beams: number) => {
  const done: State[] = [];
  let kept = [root];
  let requests = 0;
  let estimates = 0;
  while (kept.length > 0) {
    requests += kept.length;
    const next = kept.flatMap((state) => childrenOf(tree, state).map(({ text }) => transition(state, text)));
    estimates += next.length;
    const best = next.sort((a, b) => tree.value(b) - tree.value(a)).slice(0, beams - done.length);
    done.push(...best.filter((state) => tree.reward(state) !== undefined));
    kept = best.filter((state) => tree.reward(state) === undefined);
  }
  return { texts: done.map(({ steps }) => steps.join('')).sort(), requests, estimates };
};

describe('SBS(B1, B2)', () => {
  test.each([1, 2, 3, 5, 100])('with %i beams comes to what brute force comes to, at the same cost', async (beams) => {
    for (let seed = 0; seed < 8; seed++) {
      const tree = planted(seed);
      const question = tree.question(seed);
      const { best, responses, cost } = await stepBeamSearch({
        question,
        policy: everyStep(tree),
        valueModel: exact(tree),
        beams,
        samples: 3,
      });
      const expected = beamByBruteForce(tree, initialState(question), beams);
      expect(responses.map(({ text }) => text).sort()).toEqual(expected.texts);
      expect(cost).toMatchObject({ requests: expected.requests, estimates: expected.estimates, failures: 0 });
      expect(cost.candidates).toBe(3 * expected.requests);
      expect(best?.score).toBe(Math.max(...responses.map(({ score }) => score)));
    }
  });

  test('with room for all of them finds a right answer wherever there is one', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const tree = planted(seed);
      const question = tree.question(0);
      const leaves = leavesOf(tree, initialState(question));
      const options = { question, policy: everyStep(tree), valueModel: exact(tree), beams: leaves.length, samples: 3 };
      const { best, responses } = await stepBeamSearch(options);
      expect(responses).toHaveLength(leaves.length);
      expect(best?.score).toBe(Math.max(...leaves.map((leaf) => tree.reward(leaf)!)));
    }
  });
});

describe('whole responses', () => {
  const tree = planted(2);
  const question = tree.question(4);
  const leaves = leavesOf(tree, initialState(question));
  const rewardOf = ({ steps }: { readonly steps: readonly string[] }): number =>
    tree.reward({ questionId: question.id, steps })!;

  test('are drawn with the probabilities of their paths', async () => {
    const count = 3000;
    const { responses, cost } = await sampleResponses({ question, policy: tree.policy, count, seed: 4 });
    for (const leaf of leaves) {
      let p = 1;
      let state = initialState(question);
      for (const step of leaf.steps) {
        const branch = childrenOf(tree, state).findIndex(({ text }) => text === step);
        p *= tree.probabilities(state)[branch]!;
        state = transition(state, step);
      }
      const drawn = responses.filter(({ text }) => text === leaf.steps.join('')).length;
      expect(Math.abs(drawn - count * p)).toBeLessThanOrEqual(5 * Math.sqrt(count * p * (1 - p)) + 1);
    }
    const mean = responses.reduce((sum, response) => sum + rewardOf(response), 0) / count;
    expect(Math.abs(mean - tree.value(initialState(question)))).toBeLessThan(5 / Math.sqrt(count));
    expect(cost.requests).toBe(responses.reduce((sum, { steps }) => sum + steps.length, 0));
    expect(cost.candidates).toBe(cost.requests);
  });

  test('best of n is right as often as one of n draws is', async () => {
    const root = tree.value(initialState(question));
    const [n, rounds] = [3, 400];
    let right = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const { best, responses } = await bestOfN({
        question,
        policy: tree.policy,
        valueModel: exact(tree),
        count: n,
        seed,
      });
      expect(rewardOf(best!)).toBe(Math.max(...responses.map(rewardOf)));
      if (rewardOf(best!) > 0) right++;
    }
    // V = 2p − 1 for rewards of ±1.
    const expected = 1 - (1 - (root + 1) / 2) ** n;
    expect(Math.abs(right / rounds - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / rounds));
  });
});

describe('MCTS', () => {
  test('that has seen the whole tree knows every leaf, and follows the best means to one', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const tree = planted(seed);
      const question = tree.question(1);
      const rules = dvoSearch({ verifier: tree.verifier, prior: uniformPrior, iterations: 1000, breadth: 3 });
      const found = await search({ question, policy: everyStep(tree), rules });
      const leaves = leavesOf(tree, initialState(question));
      const inside = leaves.reduce((sum, { steps }) => sum + 1 / 3 ** steps.length, 0);
      expect(inside).toBeCloseTo(1, 9);
      const { best, responses, cost } = bestResponse(found);
      expect(responses).toHaveLength(leaves.length);
      const share = leaves.filter((leaf) => tree.reward(leaf) === 1).length;
      expect(found.solutions).toBe(share);
      expect(cost).toEqual(found.usage);
      if (share > 0) {
        const values = responses.map(({ score }) => score);
        expect(Math.max(...values)).toBe(1);
        // A mean hides a lone right answer among wrong ones: the path of best means ends in the best leaf of its last state.
        const last = { questionId: question.id, steps: best!.steps.slice(0, -1) };
        const siblings = childrenOf(tree, last).map(({ text }) => tree.value(transition(last, text)));
        expect(best!.score).toBe(Math.max(...siblings.map((value) => (Math.abs(value) === 1 ? value : -1))));
      }
    }
  });
});

describe('votes', () => {
  const answers = fc.array(fc.option(fc.constantFrom('1', '2', ' 2', '3', '3 '), { nil: undefined }), {
    maxLength: 12,
  });

  test('majority: no class has more rows than the winner’s, and an earlier one fewer', () => {
    fc.assert(
      fc.property(answers, (list) => {
        const { answer, weight, share, rows } = majorityVote(list);
        const counts = new Map<string, number>();
        for (const one of list) if (one !== undefined) counts.set(one.trim(), (counts.get(one.trim()) ?? 0) + 1);
        expect(weight).toBe(Math.max(0, ...counts.values()));
        const first = [...counts].find(([, count]) => count === weight)?.[0];
        expect(answer?.trim()).toBe(first);
        expect(rows.map((row) => list[row]!.trim())).toEqual(Array(weight).fill(first));
        const voters = list.filter((one) => one !== undefined).length;
        expect(share).toBe(voters === 0 ? 0 : weight / voters);
      }),
    );
  });

  test('weighted: the winner’s class has the largest sum of weights', () => {
    fc.assert(
      fc.property(answers, fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 12, maxLength: 12 }), (list, all) => {
        const weights = all.slice(0, list.length);
        const { answer, weight } = weightedVote(list, weights);
        const sums = new Map<string, number>();
        list.forEach((one, row) => {
          if (one !== undefined) sums.set(one.trim(), (sums.get(one.trim()) ?? 0) + weights[row]!);
        });
        expect(weight).toBe(Math.max(0, ...sums.values()));
        expect(answer?.trim()).toBe([...sums].find(([, sum]) => sum === weight)?.[0]);
      }),
    );
  });
});
