/** Verifiers: cross-entropy on steps, and the reward that outcomes teach a policy. */
import { sigmoid, softplus, sum } from './numerics.ts';
import { average, validColumns } from './reduce.ts';
import type { Matrix, Reference, Vector } from './types.ts';

/**
 * L = mean of y·softplus(−z) + (1 − y)·softplus(z) over steps; ∂L/∂z = (σ(z) − y)/N (Math-Shepherd, 2312.08935; OmegaPRM, 2406.06592).
 *
 * Shapes: all inputs [B, S]; gradient on `logits` [B, S].
 * @example
 * ```ts
 * import { stepBceLoss } from '@svo/losses/reference';
 * stepBceLoss({ logits: [[0, 0]], targets: [[1, 0.25]], mask: [[1, 1]] }).value.toFixed(6); // => '0.693147'
 * ```
 */
export function stepBceLoss(
  { logits, targets, mask }: Readonly<Record<'logits' | 'targets' | 'mask', Matrix>>,
  { reduction = 'flat', normalizer }: { readonly reduction?: 'flat' | 'row'; readonly normalizer?: number } = {},
): Reference<'logits', Matrix> {
  const columns = validColumns(mask);
  const { value, slopes } = average(columns, mask[0]?.length ?? 0, reduction, normalizer, (i, k) => {
    const [z, y] = [logits[i]![columns[i]![k]!]!, targets[i]![columns[i]![k]!]!];
    return { loss: crossEntropy(z, y), slope: (1 - y) * sigmoid(z) - y * sigmoid(-z) };
  });
  return { value, gradients: { logits: slopes } };
}

/** −y·log σ(z) − (1 − y)·log σ(−z). */
const crossEntropy = (z: number, y: number): number => y * softplus(-z) + (1 - y) * softplus(z);

/**
 * L = mean_i of the cross-entropy of the outcome at the logit βΣΔ; ∂L/∂log π(a_t) = β(σ(βΣΔ) − y)/N (PRIME, 2502.01456).
 *
 * Shapes: `labels` [B], all others [B, T]; gradient on `policyLogps` [B, T].
 * @example
 * ```ts
 * import { implicitPrmLoss } from '@svo/losses/reference';
 * implicitPrmLoss({ policyLogps: [[-1]], referenceLogps: [[-1]], labels: [1], mask: [[1]] }).value.toFixed(6); // => '0.693147'
 * ```
 */
export function implicitPrmLoss(
  {
    policyLogps,
    referenceLogps,
    labels,
    mask,
  }: Readonly<Record<'policyLogps' | 'referenceLogps' | 'mask', Matrix>> & { readonly labels: Vector },
  { beta = 0.05, normalizer }: { readonly beta?: number; readonly normalizer?: number } = {},
): Reference<'policyLogps', Matrix> {
  const columns = validColumns(mask);
  const logits = columns.map((row, i) => beta * sum(row.map((t) => policyLogps[i]![t]! - referenceLogps[i]![t]!)));
  const rows = columns.flatMap((row, i) => (row.length > 0 ? [i] : []));
  const n = normalizer ?? Math.max(rows.length, 1);
  return {
    value: sum(rows.map((i) => crossEntropy(logits[i]!, labels[i]!))) / n,
    gradients: {
      policyLogps: mask.map((row, i) => {
        const slope = (beta * ((1 - labels[i]!) * sigmoid(logits[i]!) - labels[i]! * sigmoid(-logits[i]!))) / n;
        return row.map((m) => (m > 0 ? slope : 0));
      }),
    },
  };
}

/**
 * L = mean_i 1/|C| Σ_{t ∈ C} Z_t − Q_t, Z_t = log(1 + Σ_{q ≤ t} e^{Q_q} + Σ_w e^{Q_w + ζ}), the question a right step of Q = 0 where one is wrong;
 * ∂L/∂Q_t = (Σ_{k ≥ t} e^{Q_t − Z_k} − 1)/(|C|·N), ∂L/∂Q_w = Σ_k e^{Q_w + ζ − Z_k}/(|C|·N) (PQM, 2410.11287, eq. 10).
 *
 * Shapes: all inputs [B, S]; gradient on `logits` [B, S].
 * @example
 * ```ts
 * import { pqmLoss } from '@svo/losses/reference';
 * pqmLoss({ logits: [[0, 0]], labels: [[1, 0]], mask: [[1, 1]] }, { margin: 0 }).value.toFixed(6); // => '0.895880'
 * ```
 */
export function pqmLoss(
  { logits, labels, mask }: Readonly<Record<'logits' | 'labels' | 'mask', Matrix>>,
  { margin = 4, normalizer }: { readonly margin?: number; readonly normalizer?: number } = {},
): Reference<'logits', Matrix> {
  const columns = validColumns(mask);
  const n = normalizer ?? Math.max(columns.filter((row) => row.length > 0).length, 1);
  const gradient = mask.map((row) => row.map(() => 0));
  const values = columns.map((row, i) => {
    const wrong = row.filter((t) => labels[i]![t]! <= 0);
    const right = row.filter((t) => labels[i]![t]! > 0);
    const against = wrong.map((w) => logits[i]![w]! + margin);
    // The question stands first, with Q = 0.
    const sums = [-1, ...right].map((_, k) => logSum([0, ...right.slice(0, k).map((t) => logits[i]![t]!), ...against]));
    const counted = wrong.length > 0 ? sums : sums.slice(1);
    const share = 1 / Math.max(counted.length, 1) / n;
    right.forEach((t, k) => {
      gradient[i]![t] = share * sum([-1, ...sums.slice(k + 1).map((z) => Math.exp(logits[i]![t]! - z))]);
    });
    wrong.forEach((w, k) => {
      gradient[i]![w] = share * sum(counted.map((z) => Math.exp(against[k]! - z)));
    });
    return share * sum([...counted, ...right.map((t) => -logits[i]![t]!)]);
  });
  return { value: sum(values), gradients: { logits: gradient } };
}

/** log Σ eˣ, by the largest. */
function logSum(xs: readonly number[]): number {
  const most = Math.max(...xs);
  return most + Math.log(sum(xs.map((x) => Math.exp(x - most))));
}
