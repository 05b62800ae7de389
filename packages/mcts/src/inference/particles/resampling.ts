/**
 * Which particles go on: from probabilities that add up to 1 and as many numbers in [0, 1) as particles are wanted, the index of one for each. A
 * rule reads of the numbers what it needs.
 */
export type Resampling = (probabilities: readonly number[], uniforms: ArrayLike<number>) => readonly number[];

/**
 * Independent draws: each number u takes the first particle whose cumulative probability is above u, as its_hub does by default.
 *
 * @example
 * ```ts
 * import { multinomialResampling } from '@svo/mcts';
 * multinomialResampling([0.5, 0.25, 0.25], [0.9, 0, 0.6]); // => [2, 0, 1]
 * ```
 */
export const multinomialResampling: Resampling = (probabilities, uniforms) => {
  const sums = cumulative(probabilities);
  const total = sums.at(-1)!;
  return Array.from(uniforms, (u) => firstAbove(sums, u * total, 0));
};

/**
 * One draw for all: particle k is at (k + u)/n of the cumulative probability, u the first number. Each particle goes on as often as its share of n,
 * rounded down or up.
 *
 * @example
 * ```ts
 * import { systematicResampling } from '@svo/mcts';
 * systematicResampling([0.5, 0.25, 0.25], [0.5, 0, 0, 0]); // => [0, 0, 1, 2]
 * ```
 */
export const systematicResampling: Resampling = (probabilities, uniforms) => {
  const sums = cumulative(probabilities);
  let at = 0;
  return Array.from(uniforms, (_, k) => {
    at = firstAbove(sums, (k + uniforms[0]!) / uniforms.length, at);
    return at;
  });
};

const cumulative = (probabilities: readonly number[]): number[] => {
  let sum = 0;
  return probabilities.map((p) => {
    sum += p;
    return sum;
  });
};

/** The first index from `from` on whose sum is above `limit`; the last one where rounding leaves none. */
const firstAbove = (sums: readonly number[], limit: number, from: number): number => {
  let at = from;
  while (at < sums.length - 1 && !(sums[at]! > limit)) at++;
  return at;
};
