import { type Arithmetic, assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertNormalizer } from './check.ts';

/** What DPO and its family compare: summed log-probabilities of a chosen and a rejected completion, nats, all [B]. */
export interface PairInputs {
  /** log π_θ(y_w | x); carries gradient. */
  readonly policyChosenLogps: Tensor;
  /** log π_θ(y_l | x); carries gradient. */
  readonly policyRejectedLogps: Tensor;
  /** log π_ref(y_w | x); data. */
  readonly referenceChosenLogps: Tensor;
  /** log π_ref(y_l | x); data. */
  readonly referenceRejectedLogps: Tensor;
}

/** The option every loss over pairs has. */
export interface PairOptions {
  /** What the sum over pairs is divided by: B by default; with the pairs of a whole accumulation window, micro-batches add up to the big batch. */
  readonly normalizer?: number;
}

/** One term a pair, and its derivative by each side's log-ratio. */
export interface PairTerms<A> {
  readonly losses: A;
  readonly slopes: () => { readonly chosen: A; readonly rejected: A };
}

/** A pair loss as a function of the log-ratios Δ_w and Δ_l alone. */
export type PairFormula = <A>(math: Arithmetic<A>, chosen: A, rejected: A) => PairTerms<A>;

/** Mean over pairs of `formula(Δ_w, Δ_l)`, Δ = log π_θ − log π_ref. 0 for an empty batch. */
export function pairLoss(caller: string, inputs: PairInputs, options: PairOptions, formula: PairFormula): Scalar {
  const { B } = assertShapes(caller, {
    policyChosenLogps: [inputs.policyChosenLogps, 'B'],
    policyRejectedLogps: [inputs.policyRejectedLogps, 'B'],
    referenceChosenLogps: [inputs.referenceChosenLogps, 'B'],
    referenceRejectedLogps: [inputs.referenceRejectedLogps, 'B'],
  });
  assertNormalizer(caller, options.normalizer);
  const share = 1 / (options.normalizer ?? Math.max(B, 1));
  const { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps } = inputs;
  return closedForm(
    { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps },
    ['policyChosenLogps', 'policyRejectedLogps'],
    (math, x) => {
      const chosen = math.sub(x.policyChosenLogps, x.referenceChosenLogps);
      const rejected = math.sub(x.policyRejectedLogps, x.referenceRejectedLogps);
      const { losses, slopes } = formula(math, chosen, rejected);
      const gradients = () => {
        const slope = slopes();
        return {
          policyChosenLogps: math.mul(slope.chosen, share),
          policyRejectedLogps: math.mul(slope.rejected, share),
        };
      };
      return { value: math.mul(math.sum(losses), share), gradients };
    },
  );
}

/** A pair loss of the margin h = Δ_w − Δ_l alone: what the rejected side receives is minus what the chosen side does. */
export function marginLoss(
  caller: string,
  inputs: PairInputs,
  options: PairOptions,
  formula: <A>(math: Arithmetic<A>, margin: A) => { readonly losses: A; readonly slope: () => A },
): Scalar {
  return pairLoss(caller, inputs, options, (math, chosen, rejected) => {
    const { losses, slope } = formula(math, math.sub(chosen, rejected));
    const slopes = () => {
      const byMargin = slope();
      return { chosen: byMargin, rejected: math.mul(byMargin, -1) };
    };
    return { losses, slopes };
  });
}
