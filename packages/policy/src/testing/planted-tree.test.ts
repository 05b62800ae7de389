import { initialState, type State, transition } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ValueKind } from './planted-maths.ts';
import { type PlantedTree, type PlantedTreeOptions, plantedTree } from './planted-tree.ts';

const options: fc.Arbitrary<PlantedTreeOptions> = fc
  .record({
    seed: fc.nat(1000),
    branching: fc.integer({ min: 1, max: 4 }),
    depth: fc.integer({ min: 1, max: 4 }),
    spread: fc.constantFrom(0, 1, 3),
  })
  .chain((some) =>
    fc.record({ minDepth: fc.integer({ min: 1, max: some.depth }) }).map((rest) => ({ ...some, ...rest })),
  );

/** Every leaf below a state, with the probability of getting there. */
const leaves = (tree: PlantedTree, state: State): { probability: number; reward: number; state: State }[] => {
  const reward = tree.reward(state);
  if (reward !== undefined) return [{ probability: 1, reward, state }];
  return tree.probabilities(state).flatMap((p, branch) =>
    leaves(tree, transition(state, tree.step(state, branch))).map((leaf) => ({
      ...leaf,
      probability: p * leaf.probability,
    })),
  );
};

describe('exact values', () => {
  it('are the sums over all responses: policy value, optimum, soft value', () => {
    fc.assert(
      fc.property(options, fc.nat(3), fc.constantFrom(0.1, 0.5, 2), (settings, index, beta) => {
        const tree = plantedTree(settings);
        const root = initialState(tree.question(index));
        const all = leaves(tree, root);
        expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
        const mean = all.reduce((sum, { probability, reward }) => sum + probability * reward, 0);
        expect(tree.value(root)).toBeCloseTo(mean, 12);
        expect(tree.value(root, 'optimal')).toBe(Math.max(...all.map(({ reward }) => reward)));
        // β log E exp(r/β) over whole responses is the same as backing it up step by step.
        const soft =
          beta * Math.log(all.reduce((sum, { probability, reward }) => sum + probability * Math.exp(reward / beta), 0));
        expect(tree.value(root, { beta })).toBeCloseTo(soft, 9);
      }),
      { numRuns: 60 },
    );
  });

  it('lie between −1 and 1, the policy value at most the soft one, that at most the optimum', () => {
    fc.assert(
      fc.property(options, (settings) => {
        const tree = plantedTree(settings);
        const root = initialState(tree.question(0));
        const of = (kind: ValueKind): number => tree.value(root, kind);
        expect(of('policy')).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(of('policy')).toBeLessThanOrEqual(of({ beta: 0.5 }) + 1e-9);
        expect(of({ beta: 0.5 })).toBeLessThanOrEqual(of('optimal') + 1e-9);
      }),
    );
  });
});

describe('the policy', () => {
  it('draws each branch as often as its probability says', async () => {
    const tree = plantedTree({ seed: 4, branching: 3 });
    const root = initialState(tree.question(0));
    const count = 20_000;
    const drawn = await tree.policy.propose({ question: tree.question(0), state: root, count, seed: 1 });
    tree.probabilities(root).forEach((p, branch) => {
      const share = drawn.filter(({ tokenIds }) => tokenIds![0] === branch).length / count;
      // Five standard deviations of a binomial share.
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count));
    });
    for (const { logps, tokenIds } of drawn.slice(0, 20)) {
      expect(logps).toEqual([Math.log(tree.probabilities(root)[tokenIds![0]!]!)]);
    }
  });

  it('is a function of the request: the same again, another for another seed', async () => {
    const ask = (seed: number) => {
      const tree = plantedTree({ seed: 4 });
      return tree.policy.propose({ question: tree.question(1), state: initialState(tree.question(1)), count: 8, seed });
    };
    expect(await ask(1)).toEqual(await ask(1));
    expect(await ask(1)).not.toEqual(await ask(2));
  });

  it('fails as a value at the end of a response and on steps that are not the tree’s', async () => {
    const tree = plantedTree({ seed: 4, branching: 1, depth: 1 });
    const question = tree.question(0);
    const end = transition(initialState(question), tree.step(initialState(question), 0));
    for (const state of [end, { ...end, steps: ['something else\n\n'] }, transition(end, 'Take branch 0.')]) {
      const [candidate] = await tree.policy.propose({ question, state, count: 2, seed: 0 });
      expect(candidate).toMatchObject({ count: 2, finish: 'error', failure: { kind: 'refused' } });
    }
  });
});

it('has its responses judged by the path they took', () => {
  fc.assert(
    fc.property(options, (settings) => {
      const tree = plantedTree(settings);
      const question = tree.question(2);
      for (const { reward, state } of leaves(tree, initialState(question))) {
        expect(tree.verifier(question, state.steps.join('')).equivalent).toBe(reward > 0);
        expect(state.steps.at(-1)).toContain(`Final Answer: ${reward > 0 ? 1 : 0}`);
        expect(state.steps.length).toBeGreaterThanOrEqual(settings.minDepth!);
        expect(state.steps.length).toBeLessThanOrEqual(settings.depth!);
      }
      expect(tree.verifier(question, 'Take branch 0.\n\n').equivalent).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

it('differs from seed to seed and from question to question', () => {
  const values = [1, 2, 3].flatMap((seed) => {
    const tree = plantedTree({ seed });
    return [0, 1, 2].map((index) => tree.value(initialState(tree.question(index))));
  });
  expect(new Set(values).size).toBe(values.length);
  expect(plantedTree({ seed: 1 }).policy.id).not.toBe(plantedTree({ seed: 2 }).policy.id);
});

it.each([
  [{ branching: 0 }, 'branching must be an integer in [1, 64], got 0'],
  [{ depth: 1.5 }, 'depth must be'],
  [{ depth: 2, minDepth: 3 }, 'minDepth must be an integer in [1, 2], got 3'],
  [{ successRate: 1 }, 'successRate must lie in (0, 1), got 1'],
])('refuses %j', (settings, words) => {
  expect(() => plantedTree({ seed: 0, ...settings })).toThrow(words);
});
