/** WPO's weights and LD-DPO's sums. */
import { assertOptions } from '@svo/files';
import { sum } from '../shared/numerics.ts';
import { entries, slots } from '../shared/reduce.ts';
import type { Matrix, Vector } from '../shared/types.ts';

/**
 * log Σ_j p_j² of softmax(z) at every position, from the definition (WPO, 2406.11827).
 *
 * Shapes: logits [B, T, V]; returns [B, T], nats.
 * @example
 * ```ts
 * import { collisionLogps } from '@svo/losses/reference';
 * collisionLogps([[[0, 0]]]); // => [[Math.log(0.5)]]
 * ```
 */
export function collisionLogps(logits: readonly Matrix[]): number[][] {
  return logits.map((rows) =>
    rows.map((z) => {
      const largest = Math.max(...z);
      const weights = z.map((value) => Math.exp(value - largest));
      const total = sum(weights);
      return Math.log(sum(weights.map((weight) => (weight / total) ** 2)));
    }),
  );
}

/**
 * w = exp(mean_t (log π − log Σ_j p_j²)) of each row; 1 for an empty one (WPO, 2406.11827, eq. 2).
 *
 * Shapes: all inputs [B, T]; returns [B].
 * @example
 * ```ts
 * import { wpoWeights } from '@svo/losses/reference';
 * wpoWeights({ policyLogps: [[-1, -3]], collisionLogps: [[-1, -3]], mask: [[1, 1]] }); // => [1]
 * ```
 */
export function wpoWeights(inputs: {
  readonly policyLogps: Matrix;
  readonly collisionLogps: Matrix;
  readonly mask: Matrix;
}): number[] {
  const rows = slots(inputs.mask, { policy: inputs.policyLogps, collision: inputs.collisionLogps });
  return rows.map((row) => {
    const aligned = row.map(({ policy, collision }) => policy - collision);
    return Math.exp(sum(aligned) / Math.max(row.length, 1));
  });
}

/**
 * min(n_w, n_l) of each pair (LD-DPO, 2409.06411).
 *
 * Shapes: masks [B, T] and [B, U]; returns [B].
 * @example
 * ```ts
 * import { sharedLengths } from '@svo/losses/reference';
 * sharedLengths([[0, 1, 1, 1]], [[1, 1]]); // => [2]
 * ```
 */
export function sharedLengths(chosenMask: Matrix, rejectedMask: Matrix): number[] {
  const lengths = (mask: Matrix): number[] => slots(mask, {}).map((row) => row.length);
  const pairs = entries({ chosen: lengths(chosenMask), rejected: lengths(rejectedMask) });
  return pairs.map(({ chosen, rejected }) => Math.min(chosen, rejected));
}

/**
 * Σ of a row's token log-probs, those beyond its shared length times α (LD-DPO, 2409.06411).
 *
 * Shapes: tokens [B, T], shared lengths [B]; returns [B], nats.
 * @example
 * ```ts
 * import { desensitizedLogps } from '@svo/losses/reference';
 * const row = { logps: [[-9, -1, -2, -4]], mask: [[0, 1, 1, 1]], sharedLengths: [2] };
 * desensitizedLogps(row, { alpha: 0.25 }); // => [-4]
 * ```
 */
export function desensitizedLogps(
  inputs: { readonly logps: Matrix; readonly mask: Matrix; readonly sharedLengths: Vector },
  options: { readonly alpha?: number } = {},
): number[] {
  assertOptions('desensitizedLogps', options, ['alpha']);
  const { alpha = 0.5 } = options;
  const rows = slots(inputs.mask, { logp: inputs.logps, shared: inputs.sharedLengths });
  return rows.map((row) => sum(row.map(({ logp, shared }, k) => (k < shared ? 1 : alpha) * logp)));
}
