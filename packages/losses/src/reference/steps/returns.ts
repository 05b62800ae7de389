/** λ-returns from their definition, importance weights, credits and process rewards. */
import { assertOptions } from '@svo/files';
import { sum } from '../shared/numerics.ts';
import { byRow, bySlot, everywhere, slots } from '../shared/reduce.ts';
import type { Matrix, Vector } from '../shared/types.ts';

/**
 * G^λ_h = (1−λ) Σ_{n=1}^{N−1} λ^{n−1} G^{(n)}_h + λ^{N−1} G^{(N)}_h, G^{(n)}_h = Σ_{l<n} r_{h+l} + V(s_{h+n}): the mixture itself, not
 * its recursion.
 *
 * @param rewards - r of the row's valid slots
 * @param nextValues - V(s_{h+1}) of the same
 */
function mixture(rewards: Vector, nextValues: Vector, lambda: number): number[] {
  return rewards.map((_, h) => {
    const remaining = rewards.length - h;
    const nStep = (n: number): number => sum([...rewards.slice(h, h + n), ...nextValues.slice(h + n - 1, h + n)]);
    const shorter = Array.from({ length: remaining - 1 }, (_, i) => (1 - lambda) * lambda ** i * nStep(i + 1));
    return sum([...shorter, lambda ** (remaining - 1) * nStep(remaining)]);
  });
}

/**
 * G_h = (1−λ) Σ_{n<N} λ^{n−1} G^{(n)}_h + λ^{N−1} G^{(N)}_h, G^{(n)}_h = Σ_{l<n} r_{h+l} + V(s_{h+n}), over valid slots; 0 in masked ones
 * (DQO, 2410.09302, eq. 16): the mixture itself, not its recursion.
 *
 * Shapes: all inputs [B, T]; returns [B, T].
 * @example
 * ```ts
 * import { lambdaReturns } from '@svo/losses/reference';
 * lambdaReturns([[0, 1]], [[0.5, 0]], [[1, 1]], { lambda: 0.5 }); // => [[0.75, 1]]
 * ```
 */
export function lambdaReturns(
  rewards: Matrix,
  nextValues: Matrix,
  mask: Matrix,
  options: { readonly lambda?: number } = {},
): number[][] {
  assertOptions('lambdaReturns', options, ['lambda']);
  const { lambda = 1 } = options;
  return byRow(mask, { reward: rewards, nextValue: nextValues }, (row) =>
    mixture(
      row.map(({ reward }) => reward),
      row.map(({ nextValue }) => nextValue),
      lambda,
    ),
  );
}

/**
 * w = min(clip, e^{Σ_t (log π − log μ)}) of each row; clip e by default (DQO, 2410.09302, section 4.3).
 *
 * Shapes: log-probs and mask [B, T]; returns [B].
 * @example
 * ```ts
 * import { importanceWeights } from '@svo/losses/reference';
 * importanceWeights([[-1, -1]], [[-1, -9]], [[1, 1]], { clip: 2 }); // => [2]
 * ```
 */
export function importanceWeights(
  policyLogps: Matrix,
  behaviorLogps: Matrix,
  mask: Matrix,
  options: { readonly clip?: number } = {},
): number[] {
  assertOptions('importanceWeights', options, ['clip']);
  const { clip = Math.E } = options;
  return slots(mask, { policy: policyLogps, behavior: behaviorLogps }).map((row) =>
    Math.min(clip, Math.exp(sum(row.map(({ policy, behavior }) => policy - behavior)))),
  );
}

/** The same weights; 1 where nothing says what the behaviour policy was. */
export const rowImportance = (
  { policyLogps, behaviorLogps }: { readonly policyLogps: Matrix; readonly behaviorLogps?: Matrix },
  mask: Matrix,
  clip: number | undefined,
): number[] =>
  behaviorLogps === undefined
    ? mask.map(() => 1)
    : importanceWeights(policyLogps, behaviorLogps, mask, clip === undefined ? {} : { clip });

/**
 * c_t = r_t + V(s_{t+1}) − V(s_t); 0 in masked slots (DVO, 2502.13723, eq. 10).
 *
 * Shapes: all inputs [B, S]; returns [B, S].
 * @example
 * ```ts
 * import { stepCredits } from '@svo/losses/reference';
 * stepCredits([[0, 1]], [[0, 0.5]], [[0.5, 0]], [[1, 1]]); // => [[0.5, 0.5]]
 * ```
 */
export function stepCredits(rewards: Matrix, values: Matrix, nextValues: Matrix, mask: Matrix): number[][] {
  return bySlot(
    mask,
    { reward: rewards, value: values, nextValue: nextValues },
    ({ reward, value, nextValue }) => reward + nextValue - value,
  );
}

/**
 * r_t + (p_k − p_{k−1}), or r_t + p_k, at the tokens that end a step (DQO, 2410.09302, section 4.4).
 *
 * Shapes: all inputs [B, T]; returns [B, T].
 * @example
 * ```ts
 * import { processRewards } from '@svo/losses/reference';
 * processRewards([[0, 0, 1]], [[0, 0.5, 0.75]], [[0, 1, 1]]); // => [[0, 0.5, 1.25]]
 * ```
 */
export function processRewards(
  rewards: Matrix,
  processValues: Matrix,
  stepEnds: Matrix,
  options: { readonly shaping?: 'difference' | 'value' } = {},
): number[][] {
  assertOptions('processRewards', options, ['shaping']);
  const { shaping = 'difference' } = options;
  const shaped = byRow(stepEnds, { p: processValues }, (ends) =>
    ends.map(({ p }, k) => p - (shaping === 'difference' ? (ends[k - 1]?.p ?? 0) : 0)),
  );
  return bySlot(everywhere(rewards), { reward: rewards, shaped }, ({ reward, shaped }) => reward + shaped);
}
