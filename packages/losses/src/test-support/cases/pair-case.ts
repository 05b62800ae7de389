import type { Scalar } from '@svo/tensor';
import fc from 'fast-check';
import type { InputSpecs } from '../../manifest/manifest.ts';
import type { PairArrays, PairReference } from '../../reference/index.ts';
import { wrongBeta } from '../contract/refusals.ts';
import { inputsOf } from './arbitraries.ts';
import { type Arrays, type Evaluated, evaluateLoss } from './arrays.ts';
import { beta, countRows, type LossCase, type Options } from './loss-case.ts';

/** The inputs of DPO and its family. */
export const pairSpecs: InputSpecs = {
  policyChosenLogps: { shape: 'B', kind: 'logps', trained: true },
  policyRejectedLogps: { shape: 'B', kind: 'logps', trained: true },
  referenceChosenLogps: { shape: 'B', kind: 'reference' },
  referenceRejectedLogps: { shape: 'B', kind: 'reference' },
};

/** The same inputs with a factor a pair. */
export const weighted = (specs: InputSpecs): InputSpecs => ({
  ...specs,
  pairWeights: { shape: 'B', kind: 'weights', optional: true },
});

/** A case of the family: name, both versions, and what is particular about it. */
export function pairCase(
  name: string,
  loss: (inputs: never, options: never) => Scalar,
  reference: (inputs: PairArrays, options: never) => PairReference,
  particulars: Partial<LossCase> = {},
): LossCase {
  return {
    name,
    inputs: weighted(pairSpecs),
    options: fc.record({ beta }),
    loss: loss as unknown as LossCase['loss'],
    reference: (inputs, options) => reference(inputs as unknown as PairArrays, options as never),
    refusals: wrongBeta,
    normalizer: countRows,
    ...particulars,
  };
}

/** Pairs at magnitudes 10^±reach. */
export const pairs = (reach = 2): fc.Arbitrary<Arrays> => inputsOf(pairSpecs, reach);

/** Exchanges chosen and rejected. */
export function swapSides(inputs: Arrays): Arrays {
  return {
    policyChosenLogps: inputs.policyRejectedLogps!,
    policyRejectedLogps: inputs.policyChosenLogps!,
    referenceChosenLogps: inputs.referenceRejectedLogps!,
    referenceRejectedLogps: inputs.referenceChosenLogps!,
  };
}

/** The policy put equal to the reference. */
export function atReference(inputs: Arrays): Arrays {
  return {
    ...inputs,
    policyChosenLogps: inputs.referenceChosenLogps!,
    policyRejectedLogps: inputs.referenceRejectedLogps!,
  };
}

/** β(Δ_w − Δ_l) of each pair. */
export function logits(inputs: Arrays, beta: number): number[] {
  const { policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps } =
    inputs as unknown as PairArrays;
  return policyChosenLogps.map(
    (logp, i) => beta * (logp - referenceChosenLogps[i]! - (policyRejectedLogps[i]! - referenceRejectedLogps[i]!)),
  );
}

/** One pair with given log-ratios, for laws about the loss as a function of Δ. */
export function pairOf(chosen: number, rejected: number): Arrays {
  return {
    policyChosenLogps: [chosen],
    policyRejectedLogps: [rejected],
    referenceChosenLogps: [0],
    referenceRejectedLogps: [0],
  };
}

/** Runs a pair loss. */
export function runPairs(subject: LossCase, inputs: Arrays, options: Options = {}): Promise<Evaluated> {
  return evaluateLoss((t) => subject.loss(t, options), inputs, ['policyChosenLogps', 'policyRejectedLogps']);
}
