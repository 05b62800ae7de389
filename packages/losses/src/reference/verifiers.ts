/** Verifiers: cross-entropy on steps, and the reward that outcomes teach a policy. */

import { assertOptions } from '@svo/files';
import { defaults } from '../shared/defaults.ts';
import { sigmoid, softplus, sum } from './shared/numerics.ts';
import { average, byRow, slots } from './shared/reduce.ts';
import type { Matrix, Reference, Vector } from './shared/types.ts';

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
  options: { readonly reduction?: 'flat' | 'row'; readonly normalizer?: number } = {},
): Reference<'logits', Matrix> {
  assertOptions('stepBceLoss', options, ['reduction', 'normalizer']);
  const { reduction = 'flat', normalizer } = options;
  const { value, slopes } = average(mask, { z: logits, y: targets }, { reduction, normalizer }, ({ z, y }) => ({
    loss: crossEntropy(z, y),
    slope: (1 - y) * sigmoid(z) - y * sigmoid(-z),
  }));
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
  options: { readonly beta?: number; readonly normalizer?: number } = {},
): Reference<'policyLogps', Matrix> {
  assertOptions('implicitPrmLoss', options, ['beta', 'normalizer']);
  const { beta = defaults.verifierBeta, normalizer } = options;
  const tokens = { policy: policyLogps, reference: referenceLogps, y: labels };
  const outcomes = slots(mask, tokens).flatMap((row) => {
    const z = beta * sum(row.map(({ policy, reference }) => policy - reference));
    return row.slice(0, 1).map(({ y }) => crossEntropy(z, y));
  });
  const n = normalizer ?? Math.max(outcomes.length, 1);
  const slopes = byRow(mask, tokens, (row) => {
    const z = beta * sum(row.map(({ policy, reference }) => policy - reference));
    return row.map(({ y }) => (beta * ((1 - y) * sigmoid(z) - y * sigmoid(-z))) / n);
  });
  return { value: sum(outcomes) / n, gradients: { policyLogps: slopes } };
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
  options: { readonly margin?: number; readonly normalizer?: number } = {},
): Reference<'logits', Matrix> {
  assertOptions('pqmLoss', options, ['margin', 'normalizer']);
  const { margin = 4, normalizer } = options;
  const steps = { q: logits, label: labels };
  const rows = slots(mask, steps);
  const n = normalizer ?? Math.max(rows.filter((row) => row.length > 0).length, 1);
  return {
    value: sum(rows.map((row) => ranked(row, margin).loss)) / n,
    gradients: { logits: byRow(mask, steps, (row) => ranked(row, margin).slopes.map((slope) => slope / n)) },
  };
}

/** The loss of one question's steps, and its slope on each. */
function ranked(row: readonly { readonly t: number; readonly q: number; readonly label: number }[], margin: number) {
  const right = row.filter(({ label }) => label > 0);
  const against = row.filter(({ label }) => label <= 0).map(({ q }) => q + margin);
  const upTo = (t: number): number[] => right.filter((step) => step.t <= t).map(({ q }) => q);
  // The question stands first, with Q = 0.
  const ofRight = right.map(({ t }) => ({ t, z: logSum([0, ...upTo(t), ...against]) }));
  const ofQuestion = against.length > 0 ? [{ t: -1, z: logSum([0, ...against]) }] : [];
  const counted = [...ofQuestion, ...ofRight];
  const share = 1 / Math.max(counted.length, 1);
  return {
    loss: share * sum([...counted.map(({ z }) => z), ...right.map(({ q }) => -q)]),
    slopes: row.map(({ t, q, label }) =>
      label > 0
        ? share * sum([-1, ...ofRight.filter((step) => step.t >= t).map(({ z }) => Math.exp(q - z))])
        : share * sum(counted.map(({ z }) => Math.exp(q + margin - z))),
    ),
  };
}

/** log Σ eˣ, by the largest. */
function logSum(xs: readonly number[]): number {
  const most = Math.max(...xs);
  return most + Math.log(sum(xs.map((x) => Math.exp(x - most))));
}
