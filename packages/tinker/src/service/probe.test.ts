import { expect, it } from 'vitest';
import { type Probed, probeReduction } from './probe.ts';

/** What a server makes of a datum's slopes; `count` data and `tokens` targets since the last step. */
type Rule = (slopes: number[], weights: readonly number[], count: number, tokens: number) => number[];

/** A server whose log-probs are its parameters, so that an update is its gradient. */
function server(
  rule: Rule,
  stepOf = (g: number, rate: number, eps: number): number => (-rate * g) / (Math.abs(g) + eps),
): () => Promise<Probed> {
  const logps = new Float64Array(13);
  return async () => ({
    logps: async (rows) => rows.map(({ length }) => Float32Array.from(logps.subarray(0, length - 1))),
    step: async (parts, { learningRate, epsilon = 1e-8 }) => {
      const all = parts.flatMap(({ inputs, lossFn }) => inputs.map((numbers) => ({ lossFn, numbers })));
      const tokens = all.reduce((sum, { numbers }) => sum + numbers.weights!.length, 0);
      for (const { numbers, lossFn } of all) {
        const { weights, advantages } = numbers;
        const slopes = Array.from(lossFn === 'cispo' ? advantages! : weights!, (w) => -w);
        const gradient = rule(slopes, Array.from(weights!), all.length, tokens);
        for (const [i, g] of gradient.entries()) logps[i]! += stepOf(g, learningRate, epsilon);
      }
    },
  });
}

const sum = (values: readonly number[]): number => values.reduce((all, x) => all + x, 0);

it.each<[string, Rule, string | undefined]>([
  ['the sum', (slopes) => slopes, 'sum'],
  ['a multiple of the sum', (slopes) => slopes.map((g) => 1000 * g), 'sum'],
  ['the mean', (slopes, w, count) => slopes.map((g) => g / Math.max(sum(w), 1e-9) / count), 'mean'],
  [
    'the sum over all tokens, divided by their number',
    (slopes, _, __, tokens) => slopes.map((g) => g / tokens),
    undefined,
  ],
  ['the mean over data of sums', (slopes, _, count) => slopes.map((g) => g / count), undefined],
  ['the opposite', (slopes) => slopes.map((g) => -g), undefined],
  ['weights without their signs', (slopes) => slopes.map((g) => -Math.abs(g)), undefined],
  ['nothing', (slopes) => slopes.map(() => 0), undefined],
  ['no numbers', (slopes) => slopes.map(() => Number.NaN), undefined],
])('of a server that takes %s', async (_name, rule, expected) => {
  expect(await probeReduction(server(rule))).toBe(expected);
});

it('refuses a server whose optimizer ignores ε, since its answers say nothing of size', async () => {
  expect(
    await probeReduction(
      server(
        (slopes) => slopes,
        (g, rate) => -rate * Math.sign(g),
      ),
    ),
  ).toBeUndefined();
});
