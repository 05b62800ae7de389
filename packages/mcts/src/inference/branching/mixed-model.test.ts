import { createRng, splitRng } from '@svo/mdp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mixedGoldens } from '../../test-support/inference-goldens.ts';
import { cs, policy, question } from '../../test-support/letters.ts';
import { abMcts } from './ab-mcts.ts';
import { type Branch, type Family, mixedModel } from './branching.ts';
import { mixedPosterior, predictedScore } from './mixed-posterior.ts';
import { noiseFrom } from './noise.ts';
import { type BranchingNoise, nothingObserved, type Observed, observe } from './posteriors.ts';

const seen = (scores: readonly number[]): Observed => scores.reduce(observe, nothingObserved);
const branch = (scores: readonly number[], open = true): Branch => ({ scores, all: seen(scores), open });
const family = (...children: readonly Branch[]): Family => ({
  children,
  fresh: nothingObserved,
  deeper: nothingObserved,
});
const prior = { mean: 0.5, meanDeviation: 0.2, childDeviation: 0.2, scoreDeviation: 0.3 };
const noiseOf = (name: string): BranchingNoise => noiseFrom(splitRng(createRng(1), name));
const drawn = (count: number, draw: () => number): Float64Array => Float64Array.from({ length: count }, draw);
const meanOf = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;
const deviationOf = (numbers: ArrayLike<number>): number => {
  const mean = meanOf(numbers);
  return Math.sqrt(meanOf(Array.from(numbers, (x) => (x - mean) ** 2)));
};

describe.each(mixedGoldens.map((golden, k) => [`${k}: ${golden.source}`, golden] as const))(
  'golden %s',
  (_, golden) => {
    const groups = golden.scores.map(seen);
    const posterior = mixedPosterior(groups, prior);
    const draws = 20_000;

    test.each(golden.options)('scores to come of $option', ({ option, mean, deviation, quantiles, ess }) => {
      const noise = noiseOf(`${option}`);
      const child = option === 'new' ? undefined : groups[option];
      const own = drawn(draws, () => predictedScore(posterior, child, noise)).sort();
      // Five standard errors, of NUTS' draws (of which so many count) and of ours.
      const error = 5 * deviation * Math.sqrt(1 / ess + 1 / draws);
      expect(Math.abs(meanOf(own) - mean)).toBeLessThan(error);
      expect(Math.abs(deviationOf(own) - deviation)).toBeLessThan(2 * error);
      for (const [k, q] of [0.05, 0.25, 0.5, 0.75, 0.95].entries()) {
        // The share below their quantile, rather than the place of ours: no density is needed.
        const below = own.filter((x) => x < quantiles[k]!).length / draws;
        expect(Math.abs(below - q)).toBeLessThan(5 * Math.sqrt(q * (1 - q) * (1 / ess + 1 / draws)));
      }
    });

    test('how often each draws the largest', () => {
      const noise = noiseOf('chosen');
      const counts = new Array<number>(groups.length + 1).fill(0);
      for (let k = 0; k < draws; k++) {
        const each = [...groups, undefined].map((child) => predictedScore(posterior, child, noise));
        counts[each.indexOf(Math.max(...each))]! += 1;
      }
      for (const [k, { option, chosen, ess }] of golden.options.entries()) {
        const error = Math.sqrt(Math.max(chosen * (1 - chosen), 1 / ess) * (1 / draws + 1 / ess));
        expect(Math.abs(counts[k]! / draws - chosen), `${option}`).toBeLessThan(6 * error);
      }
    });
  },
);

test('goldens there are', () => {
  expect(mixedGoldens.length).toBeGreaterThan(0);
});

const scores = fc.array(
  fc.integer({ min: 0, max: 32 }).map((k) => k / 32),
  { minLength: 1, maxLength: 5 },
);
const children = fc.array(scores, { minLength: 1, maxLength: 4 });
/** Mean and deviation of the posterior itself, without draws. */
const moments = (groups: readonly Observed[], child: Observed | undefined, given = prior): [number, number] => {
  let [first, second] = [0, 0];
  for (const { weight, mean, variance, between, within } of mixedPosterior(groups, given)) {
    const trust = child === undefined ? 0 : (child.count * between) / (child.count * between + within);
    const alpha = mean + trust * ((child?.mean ?? 0) - mean);
    first += weight * alpha;
    second += weight * (alpha ** 2 + (1 - trust) ** 2 * variance + between * (1 - trust) + within);
  }
  return [first, Math.sqrt(second - first ** 2)];
};
const close = ([a, b]: [number, number], [c, d]: [number, number], digits = 9): void => {
  expect(a).toBeCloseTo(c, digits);
  expect(b).toBeCloseTo(d, digits);
};

describe('mixedPosterior', () => {
  test('law: before a score is seen it is the prior', () => {
    // Variances add up; a half-normal of scale s has the mean square s².
    const [mean, deviation] = moments([], undefined);
    expect(mean).toBeCloseTo(0.5, 12);
    expect(deviation).toBeCloseTo(Math.sqrt(0.2 ** 2 + 0.2 ** 2 + 0.3 ** 2), 3);
  });

  test('law: it is the prior weighed by the likelihood, as a million draws of the prior say', () => {
    const groups = [[0.2], [0.6, 0.75], [0.9, 0.8, 0.7]];
    const { normal } = noiseOf('prior');
    let [total, first, square] = [0, 0, 0];
    for (let k = 0; k < 300_000; k++) {
      const mu = 0.5 + 0.2 * normal();
      const [a, s] = [Math.abs(0.2 * normal()), Math.abs(0.3 * normal())];
      const alphas = groups.map(() => mu + a * normal());
      const log = groups.reduce(
        (sum, ys, j) => ys.reduce((rest, y) => rest - Math.log(s) - (y - alphas[j]!) ** 2 / (2 * s * s), sum),
        0,
      );
      const weight = Math.exp(log);
      total += weight;
      first += weight * alphas[2]!;
      square += weight * (alphas[2]! ** 2 + s * s);
    }
    const mean = first / total;
    const [own, deviation] = moments(groups.map(seen), seen(groups[2]!));
    expect(Math.abs(own - mean)).toBeLessThan(0.01);
    expect(Math.abs(deviation - Math.sqrt(square / total - mean ** 2))).toBeLessThan(0.01);
  });

  test('law: scores and the mean expected of them, moved together, move what is to come', () => {
    fc.assert(
      fc.property(children, fc.integer({ min: -4, max: 4 }), (all, by) => {
        const moved = all.map((one) => seen(one.map((x) => x + by)));
        const [mean, deviation] = moments(all.map(seen), seen(all[0]!));
        close(moments(moved, moved[0]!, { ...prior, mean: 0.5 + by }), [mean + by, deviation], 6);
      }),
      { numRuns: 15 },
    );
  });

  test('law: in another unit everything is in that unit', () => {
    fc.assert(
      fc.property(children, fc.constantFrom(0.5, 4), (all, by) => {
        const scaled = all.map((one) => seen(one.map((x) => x * by)));
        const units = {
          mean: 0.5 * by,
          meanDeviation: 0.2 * by,
          childDeviation: 0.2 * by,
          scoreDeviation: 0.3 * by,
        };
        const [mean, deviation] = moments(all.map(seen), undefined);
        close(moments(scaled, undefined, units), [mean * by, deviation * by], 7);
      }),
      { numRuns: 15 },
    );
  });

  test('law: the order of children and of their scores is nobody’s', () => {
    fc.assert(
      fc.property(children, (all) => {
        const back = all.toReversed().map((one) => seen(one.toReversed()));
        close(moments(back, seen(all[0]!)), moments(all.map(seen), seen(all[0]!)), 7);
      }),
      { numRuns: 15 },
    );
  });

  test('law: a child is believed to lie between its scores’ mean and the other children', () => {
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        const groups = [seen(a), seen(b)];
        const [own] = moments(groups, groups[0]!);
        const [fresh] = moments(groups, undefined);
        const [low, high] = [Math.min(groups[0]!.mean, fresh), Math.max(groups[0]!.mean, fresh)];
        expect(own).toBeGreaterThanOrEqual(low - 1e-9);
        expect(own).toBeLessThanOrEqual(high + 1e-9);
      }),
      { numRuns: 15 },
    );
  });

  test('law: what was seen often is known; a new child is as unsure as children differ', () => {
    const often = (mean: number): Observed => ({ count: 2000, mean, squares: 2000 * 0.05 ** 2 });
    const groups = [often(0.2), often(0.8), often(0.5)];
    const [mean, deviation] = moments(groups, groups[1]!);
    expect(mean).toBeCloseTo(0.8, 2);
    expect(deviation).toBeCloseTo(0.05, 2);
    expect(moments(groups, undefined)[1]).toBeGreaterThan(0.2);
  });
});

describe('mixedModel', () => {
  const middle: BranchingNoise = { uniform: () => 0.5, normal: () => 0, gamma: (shape) => shape };

  test('an answer is never gone into, though it counts for what is believed', () => {
    const rule = mixedModel();
    expect(rule(family(branch([0.1, 0.15]), branch([0.9, 0.95], false)), middle)).toBe(undefined);
    expect(rule(family(branch([0.7, 0.75]), branch([0.1, 0.15], false)), middle)).toBe(0);
  });

  test('what says the same again and again is left alone: the next child, or a new one', () => {
    const stuck = branch([0.9, 0.9, 0.9, 0.9, 0.4]);
    expect(mixedModel({ pruning: false })(family(stuck, branch([0.2])), middle)).toBe(0);
    expect(mixedModel()(family(stuck, branch([0.2])), middle)).toBe(1);
    expect(mixedModel()(family(stuck), middle)).toBe(undefined);
    // Three of four are enough, three scores are too few, and only two digits are looked at.
    const one = (...scores: number[]) => mixedModel()(family(branch(scores), branch([0.2])), middle);
    expect(one(0.9, 0.9, 0.9, 0.7)).toBe(1);
    expect(one(0.9, 0.9, 0.9)).toBe(0);
    expect(one(0.901, 0.9, 0.899, 0.7)).toBe(1);
    expect(one(0.91, 0.9, 0.89, 0.7)).toBe(0);
  });

  test('a search by it finds what the value model wants, is repeated by its seed, and keeps to the depth', async () => {
    const run = (seed: number) =>
      abMcts({ question, policy, valueModel: cs, branching: mixedModel(), iterations: 40, seed });
    const found = await run(1);
    expect([found.best?.text, found.best?.score]).toEqual(['ccc', 1]);
    expect(await run(1)).toEqual(found);
    expect((await run(2)).responses).not.toEqual(found.responses);
    for (const { steps } of found.responses) expect(steps.length).toBeLessThanOrEqual(3);
  });

  test('errors', async () => {
    expect(() => mixedModel({ childDeviation: 0 })).toThrow(
      'mixedModel: childDeviation must be a finite number > 0, got 0',
    );
    expect(() => mixedModel({ mean: Number.NaN })).toThrow('mixedModel: mean must be a finite number, got NaN');
    expect(() => mixedModel({ sigma: 1 } as never)).toThrow("mixedModel: unknown option 'sigma'");
    expect(() => mixedModel({ pruning: { share: 0 } })).toThrow('mixedModel: pruning.share must be in (0, 1], got 0');
    expect(() => mixedModel({ pruning: { scores: 1.5 } })).toThrow(
      'pruning.scores must be a positive integer, got 1.5',
    );
    const wrong = abMcts({ question, policy, valueModel: cs, branching: () => 7, iterations: 2 });
    await expect(wrong).rejects.toThrow('abMcts: branching must give undefined or the place of an open child, got 7');
  });
});
