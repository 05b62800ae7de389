import type { Tensor } from '@svo/tensor';
import { equal, select, sum } from '../formula/operations.ts';
import { size, type Term, term } from '../formula/term.ts';
import { defineLoss, type FurtherCheck, type Settled, type Terms } from '../manifest/define-loss.ts';
import type { InputSpecs, Loss, Manifest } from '../manifest/manifest.ts';
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

/** Both sides' log-ratios Δ = log π_θ − log π_ref, one number a pair, and their difference. */
export interface Pair {
  readonly chosen: Term;
  readonly rejected: Term;
  /** Δ_w − Δ_l. */
  readonly margin: Term;
  /** The sides before pairs of weight 0 were taken out. */
  readonly batch: { readonly chosen: Term; readonly rejected: Term };
}

/** What is particular about a loss over pairs. */
type PairManifest = Omit<Manifest, 'family' | 'inputs'>;

/** A pair's term ℓ. */
type PairFormula<Options> = (pair: Pair, options: Settled<Options>) => Term;

const policies = {
  policyChosenLogps: { shape: 'B', kind: 'logps', trained: true },
  policyRejectedLogps: { shape: 'B', kind: 'logps', trained: true },
} as const;
const references = {
  referenceChosenLogps: { shape: 'B', kind: 'reference' },
  referenceRejectedLogps: { shape: 'B', kind: 'reference' },
} as const;
const lengths = {
  chosenLengths: { shape: 'B', kind: 'lengths' },
  rejectedLengths: { shape: 'B', kind: 'lengths' },
} as const;
const pairWeights = { pairWeights: { shape: 'B', kind: 'weights', optional: true } } as const;

/** What pair losses take. */
export const pairInputs: InputSpecs = { ...policies, ...references };

/** The mean over pairs of a term of their log-ratios. 0 for an empty batch. */
export function pairLoss<Inputs extends PairInputs, Options extends PairOptions>(
  manifest: PairManifest,
  formula: PairFormula<Options>,
): Loss<Inputs, Options> {
  return overPairs(manifest, { ...pairInputs, ...pairWeights }, formula);
}

/** The same of the log-ratios per token, Δ_w/n_w and Δ_l/n_l. */
export function perTokenPairLoss<Inputs extends PairInputs & PairLengths, Options extends PairOptions>(
  manifest: PairManifest,
  formula: PairFormula<Options>,
): Loss<Inputs, Options> {
  return overPairs(manifest, { ...pairInputs, ...lengths, ...pairWeights }, formula);
}

/** The same, per token where lengths are given: both or none. */
export function perTokenWhereLengthsAre<Inputs extends PairInputs & Partial<PairLengths>, Options extends PairOptions>(
  manifest: PairManifest,
  formula: PairFormula<Options>,
  check: FurtherCheck<Inputs, Options>,
): Loss<Inputs, Options> {
  const optional = Object.fromEntries(
    Object.entries(lengths).map(([name, spec]) => [name, { ...spec, optional: true } as const]),
  );
  return overPairs(manifest, { ...pairInputs, ...optional, ...pairWeights }, formula, check);
}

/** The same of the policy's log-probabilities per token, without a reference. */
export function referenceFreePairLoss<Inputs extends object, Options extends PairOptions>(
  manifest: PairManifest,
  formula: PairFormula<Options>,
): Loss<Inputs, Options> {
  return overPairs(manifest, { ...policies, ...lengths, ...pairWeights }, formula);
}

function overPairs<Inputs extends object, Options extends PairOptions>(
  manifest: PairManifest,
  inputs: InputSpecs,
  formula: PairFormula<Options>,
  check?: FurtherCheck<Inputs, Options>,
): Loss<Inputs, Options> {
  const mean = (given: Terms<Inputs>, options: Settled<Options>): Term => {
    const x = given as unknown as Terms<PairInputs & Partial<PairLengths>>;
    const sides = (from: (input: Term) => Term): Pick<Pair, 'chosen' | 'rejected'> => ({
      chosen: side(from, x.policyChosenLogps, x.referenceChosenLogps, x.chosenLengths),
      rejected: side(from, x.policyRejectedLogps, x.referenceRejectedLogps, x.rejectedLengths),
    });
    const batch = sides((input) => input);
    const { pairWeights: weights } = x;
    // Taken out before anything is computed from it: what such a pair holds must not come back as 0·NaN.
    const { chosen, rejected } =
      weights === undefined ? batch : sides((input) => select(equal(weights, 0), term(0), input));
    const terms = formula({ chosen, rejected, margin: chosen.minus(rejected), batch }, options);
    return sum(weights === undefined ? terms : terms.times(weights)).over(options.normalizer ?? size('B'));
  };
  return defineLoss({ ...manifest, family: 'preference', inputs }, mean, check);
}

/** Δ of one side, per token where its length is known. */
function side(from: (input: Term) => Term, policy: Term, reference?: Term, tokens?: Term): Term {
  const logRatio = reference === undefined ? from(policy) : from(policy).minus(from(reference));
  return tokens === undefined ? logRatio : logRatio.over(atLeastOne(from(tokens)));
}
