/** WPO's weights and LD-DPO's sums. */
import { sum } from './numerics.ts';
import { validColumns } from './reduce.ts';
import type { Matrix, Vector } from './types.ts';

/** log Σ p² of softmax(z) at every position, from the definition. */
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

/** exp(mean (log π − log Σ p²)) of each row; 1 for an empty one. */
export function wpoWeights(inputs: {
  readonly policyLogps: Matrix;
  readonly collisionLogps: Matrix;
  readonly mask: Matrix;
}): number[] {
  return validColumns(inputs.mask).map((columns, i) => {
    const aligned = columns.map((t) => inputs.policyLogps[i][t] - inputs.collisionLogps[i][t]);
    return Math.exp(sum(aligned) / Math.max(columns.length, 1));
  });
}

/** min(n_w, n_l) */
export function sharedLengths(chosenMask: Matrix, rejectedMask: Matrix): number[] {
  const [chosen, rejected] = [chosenMask, rejectedMask].map((mask) => validColumns(mask).map((row) => row.length));
  return chosen.map((length, i) => Math.min(length, rejected[i]));
}

/** Σ over a row's tokens, those beyond its shared length times α. */
export function desensitizedLogps(
  inputs: { readonly logps: Matrix; readonly mask: Matrix; readonly sharedLengths: Vector },
  { alpha = 0.5 }: { readonly alpha?: number } = {},
): number[] {
  return validColumns(inputs.mask).map((columns, i) =>
    sum(columns.map((t, k) => (k < inputs.sharedLengths[i] ? 1 : alpha) * inputs.logps[i][t])),
  );
}
