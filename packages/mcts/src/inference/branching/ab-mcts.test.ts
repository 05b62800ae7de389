import { type Candidate, createRng, type Policy, type ProposeRequest, splitRng, type ValueModel } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branchingGoldens } from '../../test-support/inference-goldens.ts';
import { cs, policy, question } from '../../test-support/letters.ts';
import { abMcts } from './ab-mcts.ts';
import { nodeAggregation } from './branching.ts';
import { noiseFrom } from './noise.ts';
import {
  betaPosterior,
  gaussianPosterior,
  type Noise,
  nothingObserved,
  observe,
  type Posterior,
} from './posteriors.ts';

test.each(branchingGoldens.map((golden, k) => [`${k}: ${golden.source}`, golden] as const))(
  'golden %s',
  async (_, golden) => {
    const { iterations, parallel, noise } = golden;
    let told = 0;
    const parents: number[] = [];
    const answer = ({ state }: ProposeRequest): Candidate[] => {
      parents.push(state.steps.length === 0 ? -1 : Number.parseInt(state.steps.at(-1)!, 10));
      return [{ text: `${told++}.`, count: 1, finish: 'step' }];
    };
    const counting: Policy = {
      id: 'counting',
      propose: async (request) => answer(request),
      proposeMany: async (requests) => requests.map(answer),
    };
    const valueModel: ValueModel = {
      id: 'scores',
      values: async (states) => states.map(({ state }) => golden.scores[Number.parseInt(state.steps.at(-1)!, 10)]!),
    };
    // The recorded numbers, in order. A gamma must be asked for in the shape it had there: that is the posterior's.
    let read = 0;
    const recorded: Noise = {
      normal() {
        const [shape, value] = noise[read++]!;
        expect(shape).toBe('normal');
        return value;
      },
      gamma(shape) {
        const [theirs, value] = noise[read++]!;
        expect(shape).toBeCloseTo(theirs as number, 10);
        return value;
      },
    };
    const own = golden.options.dist === 'beta' ? betaPosterior() : gaussianPosterior();
    const posterior: Posterior = (observed) => own(observed, recorded);
    const found = await abMcts({
      question,
      policy: counting,
      valueModel,
      iterations,
      parallel,
      branching: nodeAggregation(posterior),
      depth: iterations,
    });
    expect(parents).toEqual(golden.parents);
    expect(read).toBe(noise.length);
    expect(found.responses.map(({ score }) => score)).toEqual([...golden.scores].sort((a, b) => b - a));
  },
);

test('goldens there are', () => {
  expect(branchingGoldens.length).toBeGreaterThan(0);
});

const scores = fc.array(
  fc.integer({ min: 0, max: 16 }).map((k) => k / 16),
  { maxLength: 12 },
);
const seen = (numbers: readonly number[]) => numbers.reduce(observe, nothingObserved);
const still: Noise = { normal: () => 0, gamma: (shape) => shape };

describe('posteriors', () => {
  test('law: mean and squares by one score more are those of the list', () => {
    fc.assert(
      fc.property(scores, (numbers) => {
        const { count, mean, squares } = seen(numbers);
        const average = numbers.reduce((a, b) => a + b, 0) / Math.max(numbers.length, 1);
        expect(count).toBe(numbers.length);
        expect(mean).toBeCloseTo(average, 12);
        expect(squares).toBeCloseTo(
          numbers.reduce((sum, x) => sum + (x - average) ** 2, 0),
          12,
        );
      }),
    );
  });

  test('law: without noise a draw lies between the prior and the scores’ mean, and goes to it', () => {
    fc.assert(
      fc.property(scores, (numbers) => {
        const observed = seen(numbers);
        for (const [posterior, prior] of [
          [gaussianPosterior(), 0],
          [betaPosterior(), 0.5],
        ] as const) {
          const drawn = posterior(observed, still);
          const mean = numbers.length === 0 ? prior : observed.mean;
          expect(drawn).toBeGreaterThanOrEqual(Math.min(prior, mean) - 1e-12);
          expect(drawn).toBeLessThanOrEqual(Math.max(prior, mean) + 1e-12);
          const many = { count: 1e6, mean: observed.mean, squares: 0 };
          expect(posterior(many, still)).toBeCloseTo(observed.mean, 5);
        }
      }),
    );
  });

  test('law: gammas have mean and variance of their shape', () => {
    for (const shape of [0.5, 1, 3.5]) {
      const noise = noiseFrom(splitRng(createRng(1), `${shape}`));
      const drawn = Array.from({ length: 20_000 }, () => noise.gamma(shape));
      const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
      const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length;
      // Six standard errors at these seeds' numbers, which are the same on every run.
      expect(Math.abs(mean - shape)).toBeLessThan(6 * Math.sqrt(shape / drawn.length));
      expect(Math.abs(variance / shape - 1)).toBeLessThan(0.1);
    }
  });
});

describe('abMcts', () => {
  test('finds what the value model wants, and counts what it cost', async () => {
    const { best, responses, cost } = await abMcts({ question, policy, valueModel: cs, iterations: 80, seed: 1 });
    expect([best?.text, best?.score, best?.finished]).toEqual(['ccc', 1, true]);
    expect(responses).toHaveLength(80);
    expect(cost).toMatchObject({ requests: 80, candidates: 80, estimates: 80, lost: 0 });
  });

  test('law: a posterior that never believes in what there is branches at the root alone; one that always believes in it goes down first', async () => {
    const wide: Posterior = () => 0;
    // A new step is drawn for first, what is there after it: what rises at every draw always goes deeper.
    let draws = 0;
    const narrow: Posterior = () => draws++;
    const at = async (posterior: Posterior) =>
      (
        await abMcts({
          question,
          policy,
          valueModel: cs,
          branching: nodeAggregation(posterior),
          iterations: 12,
          depth: 20,
        })
      ).responses.map(({ steps }) => steps.length);
    expect(new Set(await at(wide))).toEqual(new Set([1]));
    // One of each length on the way down, then only ends.
    expect((await at(narrow)).sort()).toEqual([1, 2, ...Array(10).fill(3)]);
  });

  test('law: the depth is kept, and nothing follows an answer', async () => {
    const { responses } = await abMcts({ question, policy, valueModel: cs, iterations: 60, depth: 2 });
    for (const { steps, finished } of responses) {
      expect(steps.length).toBeLessThanOrEqual(2);
      expect(finished).toBe(false);
    }
    const deep = await abMcts({ question, policy, valueModel: cs, iterations: 60, depth: 9 });
    for (const { steps, finished } of deep.responses) expect(finished).toBe(steps.length === 3);
  });

  test('is repeated by its seed', async () => {
    const run = (seed: number) => abMcts({ question, policy, valueModel: cs, seed, parallel: 2 });
    expect(await run(4)).toEqual(await run(4));
    expect((await run(4)).responses).not.toEqual((await run(5)).responses);
  });

  test('failures are typed: lost ones apart, those of the model’s own last', async () => {
    const failing = (kind: 'server' | 'unparsable'): Policy => ({
      id: 'failing',
      propose: async () => [{ text: '', count: 1, finish: 'error', failure: { kind, message: 'down' } }],
    });
    const run = (kind: 'server' | 'unparsable') =>
      abMcts({ question, policy: failing(kind), valueModel: cs, iterations: 2 });
    expect(await run('server')).toMatchObject({ best: undefined, responses: [], cost: { requests: 6, lost: 6 } });
    expect((await run('server')).lost.map(({ failure }) => failure?.kind)).toEqual(['server', 'server']);
    expect((await run('unparsable')).best).toMatchObject({ finished: false, failure: { kind: 'unparsable' } });
  });

  test('errors', async () => {
    const run = (options: object) => abMcts({ question, policy, valueModel: cs, ...options });
    await expect(run({ parallel: 0 })).rejects.toThrow('abMcts: parallel must be a positive integer, got 0');
    await expect(run({ breadth: 2 })).rejects.toThrow("abMcts: unknown option 'breadth'");
    await expect(run({ branching: nodeAggregation(() => Number.NaN) })).rejects.toThrow(
      'posterior must draw a number, got NaN',
    );
    const signs: ValueModel = { id: 'signs', values: async (states) => states.map(() => -1) };
    await expect(run({ valueModel: signs, branching: nodeAggregation(betaPosterior()) })).rejects.toThrow(
      'betaPosterior: scores must be in [0, 1], got a mean of -1',
    );
    expect(() => gaussianPosterior({ variance: 0 })).toThrow('gaussianPosterior: variance must be a finite number > 0');
    expect(() => gaussianPosterior({ mean: Number.NaN })).toThrow('gaussianPosterior: mean must be a finite number');
    expect(() => betaPosterior({ right: -1 })).toThrow('betaPosterior: right must be a finite number > 0, got -1');
  });
});
