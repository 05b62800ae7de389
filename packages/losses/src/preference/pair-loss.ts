import { type Arithmetic, assertShapes, closedForm, type Scalar, type Tensor } from '@svo/tensor';
import { assertNormalizer } from '../shared/check.ts';
import { atLeastOne } from '../shared/counts.ts';

/** What DPO and its family compare: summed log-probabilities of a chosen and a rejected completion, nats, all [B]. */
export interface PairInputs {
  /** log π_θ(y_w | x); carries gradient. */
  readonly policyChosenLogps: Tensor;
  /** log π_θ(y_l | x); carries gradient. */
  readonly policyRejectedLogps: Tensor;
  /** log π_ref(y_w | x); data. Zeros make a loss reference-free. */
  readonly referenceChosenLogps: Tensor;
  /** log π_ref(y_l | x); data. */
  readonly referenceRejectedLogps: Tensor;
  /** A factor a pair, data; 1 by default. 0 takes a pair out, whatever it holds. WPO's are products of both sides' `wpoWeights`. */
  readonly pairWeights?: Tensor;
}

/** How many tokens each side's log-probability sums over, [B]; data. A length below 1 counts as 1. */
export interface PairLengths {
  /** n_w, tokens of the chosen completion. */
  readonly chosenLengths: Tensor;
  /** n_l, tokens of the rejected completion. */
  readonly rejectedLengths: Tensor;
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

type Given = keyof PairInputs | keyof PairLengths;
type Policies = Pick<PairInputs, 'policyChosenLogps' | 'policyRejectedLogps'>;
const policies = ['policyChosenLogps', 'policyRejectedLogps'] as const;
const references = ['referenceChosenLogps', 'referenceRejectedLogps'] as const;
const lengths = ['chosenLengths', 'rejectedLengths'] as const;

/** Mean over pairs of `formula(Δ_w, Δ_l)`, Δ = log π_θ − log π_ref. 0 for an empty batch. */
export function pairLoss(caller: string, inputs: PairInputs, options: PairOptions, formula: PairFormula): Scalar {
  return overPairs(caller, inputs, [...policies, ...references], options, formula);
}

/** The same of the log-ratios per token, Δ_w/n_w and Δ_l/n_l. */
export function perTokenPairLoss(
  caller: string,
  inputs: PairInputs & PairLengths,
  options: PairOptions,
  formula: PairFormula,
): Scalar {
  return overPairs(caller, inputs, [...policies, ...references, ...lengths], options, formula);
}

/** The same of the policy's log-probabilities per token, without a reference. */
export function referenceFreePairLoss(
  caller: string,
  inputs: Policies & PairLengths & Pick<PairInputs, 'pairWeights'>,
  options: PairOptions,
  formula: PairFormula,
): Scalar {
  return overPairs(caller, inputs, [...policies, ...lengths], options, formula);
}

/** A pair loss of the margin h = Δ_w − Δ_l alone: what the rejected side receives is minus what the chosen side does. */
export function marginLoss(caller: string, inputs: PairInputs, options: PairOptions, formula: MarginFormula): Scalar {
  return pairLoss(caller, inputs, options, ofMargin(formula));
}

/** A pair's term as a function of the margin alone, and its derivative. */
export type MarginFormula = <A>(math: Arithmetic<A>, margin: A) => { readonly losses: A; readonly slope: () => A };

/** A function of the margin as one of both log-ratios. */
export function ofMargin(formula: MarginFormula): PairFormula {
  return (math, chosen, rejected) => {
    const { losses, slope } = formula(math, math.sub(chosen, rejected));
    const slopes = () => {
      const byMargin = slope();
      return { chosen: byMargin, rejected: math.mul(byMargin, -1) };
    };
    return { losses, slopes };
  };
}

function overPairs(
  caller: string,
  inputs: Policies & Partial<Record<Given, Tensor>>,
  required: readonly Given[],
  options: PairOptions,
  formula: PairFormula,
): Scalar {
  const names = inputs.pairWeights === undefined ? required : [...required, 'pairWeights' as const];
  const { B } = assertShapes(caller, Object.fromEntries(names.map((name) => [name, [inputs[name], 'B']])));
  assertNormalizer(caller, options.normalizer);
  const share = 1 / (options.normalizer ?? Math.max(B, 1));
  const tensors = Object.fromEntries(names.map((name) => [name, inputs[name]])) as Record<Given, Tensor>;
  return closedForm(tensors, [...policies], (math, given) => {
    const x: Partial<typeof given> = given;
    const side = (policy: typeof given.chosenLengths, reference?: typeof policy, length?: typeof policy) => {
      const logRatio = reference === undefined ? policy : math.sub(policy, reference);
      const tokens = length === undefined ? 1 : atLeastOne(math, length);
      return { tokens, score: length === undefined ? logRatio : math.div(logRatio, tokens) };
    };
    const chosen = side(given.policyChosenLogps, x.referenceChosenLogps, x.chosenLengths);
    const rejected = side(given.policyRejectedLogps, x.referenceRejectedLogps, x.rejectedLengths);
    const { losses, slopes } = formula(math, chosen.score, rejected.score);
    const weighted = (terms: typeof losses) =>
      x.pairWeights === undefined
        ? math.mul(terms, share)
        : math.select(math.equal(x.pairWeights, 0), 0, math.mul(math.mul(terms, x.pairWeights), share));
    const gradients = () => {
      const slope = slopes();
      const toSum = (bySide: typeof losses, tokens: typeof losses | number) =>
        typeof tokens === 'number' ? weighted(bySide) : math.div(weighted(bySide), tokens);
      return {
        policyChosenLogps: toSum(slope.chosen, chosen.tokens),
        policyRejectedLogps: toSum(slope.rejected, rejected.tokens),
      };
    };
    return { value: math.sum(weighted(losses)), gradients };
  });
}
