/** The pair losses that divide by the number of tokens. */
import { sigmoid, softplus, sum } from './numerics.ts';
import type { PairArrays, PairReference } from './pairs.ts';
import type { Vector } from './types.ts';

/** Token counts of both sides, [B]. */
export interface LengthArrays {
  readonly chosenLengths: Vector;
  readonly rejectedLengths: Vector;
}

/** softplus(−β(Δ_w/n_w − Δ_l/n_l)) */
export function normalizedDpoLoss(
  inputs: PairArrays & LengthArrays,
  { beta = 0.1, normalizer }: { readonly beta?: number; readonly normalizer?: number } = {},
): PairReference {
  const chosen = inputs.policyChosenLogps.map((logp, i) => logp - inputs.referenceChosenLogps[i]);
  const rejected = inputs.policyRejectedLogps.map((logp, i) => logp - inputs.referenceRejectedLogps[i]);
  return perToken(chosen, rejected, inputs, beta, 0, normalizer);
}

/** softplus(γ − β(log π(y_w)/n_w − log π(y_l)/n_l)) */
export function simpoLoss(
  inputs: Pick<PairArrays, 'policyChosenLogps' | 'policyRejectedLogps'> & LengthArrays,
  {
    beta = 10,
    margin = 3,
    normalizer,
  }: { readonly beta?: number; readonly margin?: number; readonly normalizer?: number } = {},
): PairReference {
  return perToken(inputs.policyChosenLogps, inputs.policyRejectedLogps, inputs, beta, margin, normalizer);
}

function perToken(
  chosen: Vector,
  rejected: Vector,
  { chosenLengths, rejectedLengths }: LengthArrays,
  beta: number,
  margin: number,
  normalizer: number | undefined,
): PairReference {
  const n = normalizer ?? Math.max(chosen.length, 1);
  const tokens = (length: number): number => Math.max(length, 1);
  const x = chosen.map(
    (_, i) => beta * (chosen[i] / tokens(chosenLengths[i]) - rejected[i] / tokens(rejectedLengths[i])) - margin,
  );
  return {
    value: sum(x.map((logit) => softplus(-logit))) / n,
    gradients: {
      policyChosenLogps: x.map((logit, i) => (-beta * sigmoid(-logit)) / tokens(chosenLengths[i]) / n),
      policyRejectedLogps: x.map((logit, i) => (beta * sigmoid(-logit)) / tokens(rejectedLengths[i]) / n),
    },
  };
}
