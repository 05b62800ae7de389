import type { Candidate } from '@svo/mdp';

const logpsOf = (name: string, candidate: Candidate): readonly number[] => {
  if (candidate.logps === undefined) {
    throw new RangeError(
      `${name}: candidate must have logps, got none (ask the policy for log-probabilities, or use uniformPrior)`,
    );
  }
  return candidate.logps;
};

const sum = (numbers: readonly number[]): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};

/**
 * π(a | s) = exp((1/|a|) Σ_i log p(token_i)): the geometric mean of the step's token probabilities (SVPO, eq. 4).
 * The mean is taken once: DVO's public code divides by the length a second time, which makes every prior nearly 1.
 *
 * @throws RangeError when the candidate has no log-probs
 * @example
 * ```ts
 * import { meanTokenProb } from '@svo/mcts';
 * const logps = [Math.log(0.5), Math.log(0.125)];
 * meanTokenProb({ text: 'so 5', logps, count: 1, finish: 'step' }).toFixed(6); // => '0.250000'
 * ```
 */
export function meanTokenProb(candidate: Candidate): number {
  const logps = logpsOf('meanTokenProb', candidate);
  return logps.length === 0 ? 1 : Math.exp(sum(logps) / logps.length);
}

/**
 * π(a | s) = exp(Σ_i log p(token_i)), the probability of the whole step, which favours short steps; among siblings, relative to
 * the likeliest of them, whose prior is 1. The probabilities themselves are all 0 in float32 once steps have some hundred
 * tokens; ratios keep their order. Below e^−69 the order is all that is kept.
 *
 * @param siblings the candidates to compare with, this one among them; without them the probability itself
 * @throws RangeError when the candidate has no log-probs
 * @example
 * ```ts
 * import { sumLogProb } from '@svo/mcts';
 * const logps = [Math.log(0.5), Math.log(0.125)];
 * sumLogProb({ text: 'so 5', logps, count: 1, finish: 'step' }).toFixed(6); // => '0.062500'
 * ```
 */
export function sumLogProb(candidate: Candidate, siblings?: readonly Candidate[]): number {
  const own = sum(logpsOf('sumLogProb', candidate));
  if (siblings === undefined) return Math.exp(own);
  let top = own;
  for (const sibling of siblings) if (sibling.logps !== undefined) top = Math.max(top, sum(sibling.logps));
  const below = top - own;
  return below <= FAR ? Math.exp(-below) : (FLOOR * FAR) / below;
}

/** Where ratios come near the end of float32's range, and so far below the likeliest that only their order matters. */
const FAR = 69;
const FLOOR: number = Math.exp(-FAR);

/**
 * π(a | s) = count / Σ counts: every draw weighs the same, and needs no log-probs.
 *
 * @example
 * ```ts
 * import { uniformPrior } from '@svo/mcts';
 * const often = { text: 'so 5', count: 3, finish: 'step' } as const;
 * const once = { text: 'so 6', count: 1, finish: 'step' } as const;
 * uniformPrior(often, [often, once]); // => 0.75
 * ```
 */
export function uniformPrior(candidate: Candidate, siblings: readonly Candidate[]): number {
  let total = 0;
  for (const sibling of siblings) total += sibling.count;
  return candidate.count / total;
}
