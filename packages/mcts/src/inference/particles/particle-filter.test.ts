import type { Candidate, Policy, ProposeRequest, ValueModel } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterGoldens } from '../../test-support/inference-goldens.ts';
import { cs, policy, question } from '../../test-support/letters.ts';
import { sampleResponses } from '../samples/sample-responses.ts';
import { entropicAnnealing } from './annealing.ts';
import { particleFilter } from './particle-filter.ts';
import { multinomialResampling, type Resampling, systematicResampling } from './resampling.ts';
import { valueLogit } from './value-logit.ts';

const failing = (finish: 'error' | 'length', kind: 'server' | 'unparsable'): Policy => ({
  id: 'failing',
  propose: async () => [
    finish === 'length'
      ? { text: 'x', count: 1, finish }
      : { text: '', count: 1, finish, failure: { kind, message: 'down' } },
  ],
});

describe('goldens', () => {
  test.each(filterGoldens.map((golden, k) => [`${k}: ${golden.source}`, golden] as const))('%s', async (_, golden) => {
    const { particles, depth, options } = golden;
    let round = 0;
    const table = (requests: readonly ProposeRequest[]): Candidate[][] => {
      const row = golden.steps[round++]!;
      return requests.map(({ state }, k) => {
        const over = row[k]!.endsWith('!') || state.steps.length + 1 >= depth;
        return [{ text: row[k]!, count: 1, finish: over ? 'answer' : 'step' }];
      });
    };
    const steps: Policy = {
      id: 'table',
      propose: async (request) => table([request])[0]!,
      proposeMany: async (requests) => table(requests),
    };
    const valueModel: ValueModel = {
      id: 'scores',
      values: async (states) => states.map(({ state }) => golden.scores[state.steps.join('')]!),
    };
    let drawn = 0;
    const rule = options.resampling_method === 'systematic' ? systematicResampling : multinomialResampling;
    // One number of the recorded list is all that systematic resampling had, as many as particles are wanted here.
    const resample: Resampling = (probabilities, { length }) =>
      rule(
        probabilities,
        Array.from({ length }, (_none, k) => golden.uniforms[drawn]![k] ?? 0).map((u, k) => {
          if (k === length - 1) drawn++;
          return u;
        }),
      );
    const annealing = entropicAnnealing({
      by: options.temperature_method ?? 'ess',
      threshold: options.ess_threshold ?? 0.5,
      until: options.early_phase ?? 0.5,
    });
    const temperatures: number[] = [];
    const found = await particleFilter({
      question,
      policy: steps,
      valueModel,
      particles,
      depth,
      logWeight: valueLogit({ low: 0, high: 1 }),
      resample,
      temperature: (probabilities, step, most) => {
        if (options.does_entropic_annealing !== true) return 1;
        temperatures.push(annealing(probabilities, step, most));
        return temperatures.at(-1)!;
      },
    });
    expect(drawn).toBe(golden.uniforms.length);
    expect(round).toBe(drawn);
    if (options.does_entropic_annealing === true) expect(Math.max(...temperatures)).toBeGreaterThan(1);
    expect(found.best!.text).toBe(golden.best);
    expect(found.responses.map(({ text }) => text).sort()).toEqual([...golden.responses].sort());
    const logit = valueLogit({ low: 0, high: 1 });
    found.responses.forEach(({ text, score }) => {
      expect(logit(score)).toBeCloseTo(golden.logWeights[golden.responses.indexOf(text)]!, 12);
    });
  });
});

const shares = fc
  .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 })
  .filter((weights) => weights.some((w) => w > 0))
  .map((weights) => {
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w) => w / total);
  });
const unit = fc.integer({ min: 0, max: 999 }).map((k) => k / 1000);
const count = (chosen: readonly number[], k: number): number => chosen.filter((index) => index === k).length;

test('goldens there are', () => {
  expect(filterGoldens.length).toBeGreaterThan(0);
});

describe('resampling', () => {
  test('law: systematic resampling keeps each as often as its share, rounded down or up', () => {
    fc.assert(
      fc.property(shares, unit, fc.integer({ min: 1, max: 20 }), (probabilities, u, n) => {
        const chosen = systematicResampling(probabilities, new Array<number>(n).fill(u));
        probabilities.forEach((p, k) => {
          expect(count(chosen, k)).toBeGreaterThanOrEqual(Math.floor(n * p - 1e-9));
          expect(count(chosen, k)).toBeLessThanOrEqual(Math.ceil(n * p + 1e-9));
        });
      }),
    );
  });

  test('law: what has no weight never goes on', () => {
    fc.assert(
      fc.property(shares, fc.array(unit, { minLength: 1, maxLength: 10 }), (probabilities, us) => {
        for (const rule of [multinomialResampling, systematicResampling])
          for (const k of rule(probabilities, us)) expect(probabilities[k]).toBeGreaterThan(0);
      }),
    );
  });

  test('law: over an even grid of numbers independent draws are the shares', () => {
    fc.assert(
      fc.property(shares, (probabilities) => {
        const chosen = multinomialResampling(
          probabilities,
          Array.from({ length: 2000 }, (_, k) => (k + 0.5) / 2000),
        );
        probabilities.forEach((p, k) => {
          expect(count(chosen, k) / 2000).toBeCloseTo(p, 2);
        });
      }),
      { numRuns: 20 },
    );
  });
});

describe('particleFilter', () => {
  test('law: equal values and systematic resampling are plain samples', async () => {
    const flat: ValueModel = { id: 'flat', values: async (states) => states.map(() => 0.3) };
    const found = await particleFilter({
      question,
      policy,
      valueModel: flat,
      particles: 5,
      resample: systematicResampling,
      seed: 3,
    });
    expect(found.responses.map(({ steps }) => steps.length)).toEqual([3, 3, 3, 3, 3]);
    expect(found.cost).toMatchObject({ requests: 15, candidates: 15, estimates: 15, lost: 0 });
    const plain = await sampleResponses({ question, policy, count: 5 });
    expect(plain.cost.requests).toBe(found.cost.requests);
  });

  test('law: the sharper the weights, the more particles have what the value model wants', async () => {
    const found = (sharp: number) =>
      particleFilter({ question, policy, valueModel: cs, particles: 64, logWeight: (v) => sharp * v, seed: 1 });
    const wanted = async (sharp: number): Promise<number> =>
      (await found(sharp)).responses.reduce((sum, { score }) => sum + score, 0) / 64;
    expect(await wanted(12)).toBeGreaterThan((await wanted(3)) + 0.1);
    expect(await wanted(3)).toBeGreaterThan((await wanted(0)) + 0.1);
  });

  test('is repeated by its seed', async () => {
    const run = (seed: number) => particleFilter({ question, policy, valueModel: cs, seed });
    expect(await run(4)).toEqual(await run(4));
    expect((await run(4)).responses).not.toEqual((await run(5)).responses);
  });

  test('ends at the depth limit, and with typed failures', async () => {
    const short = await particleFilter({ question, policy, valueModel: cs, depth: 2 });
    expect(short.best).toMatchObject({ finished: false });
    const down = await particleFilter({ question, policy: failing('error', 'server'), valueModel: cs, particles: 2 });
    expect(down).toMatchObject({ best: undefined, responses: [], cost: { requests: 6, lost: 6 } });
    expect(down.lost.map(({ failure }) => failure?.kind)).toEqual(['server', 'server']);
    for (const own of [failing('error', 'unparsable'), failing('length', 'unparsable')]) {
      const cut = await particleFilter({ question, policy: own, valueModel: cs, particles: 2 });
      expect(cut.best).toMatchObject({ finished: false, failure: { kind: 'unparsable' } });
      expect(cut.lost).toEqual([]);
    }
  });

  test('errors', async () => {
    const run = (options: object) => particleFilter({ question, policy, valueModel: cs, ...options });
    await expect(run({ particles: 0 })).rejects.toThrow('particleFilter: particles must be a positive integer, got 0');
    await expect(run({ beams: 2 })).rejects.toThrow("particleFilter: unknown option 'beams'");
    await expect(run({ resample: () => [9] })).rejects.toThrow('particleFilter: resample must give 8 indices below 8');
    await expect(run({ temperature: () => 0 })).rejects.toThrow('temperature must give a finite number ≥ 1, got 0');
    await expect(run({ logWeight: () => Number.NaN })).rejects.toThrow('logWeight must give a number below ∞, got NaN');
    await expect(run({ logWeight: valueLogit({ low: 0.5, high: 1 }) })).rejects.toThrow(
      'valueLogit: values must be in [0.5, 1]',
    );
    expect(() => valueLogit({ low: 1, high: 1 })).toThrow('valueLogit: low must be below high');
    expect(() => entropicAnnealing({ until: 2 })).toThrow('entropicAnnealing: until must be a number in [0, 1], got 2');
    expect(() => entropicAnnealing({ by: 'x' as never })).toThrow(`by must be 'ess' | 'entropy', got "x"`);
  });
});
