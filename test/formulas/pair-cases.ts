/** What the formulas of pair losses in docs/losses.md should give on random numbers, from the float64 reference. */
import * as reference from '@svo/losses/reference';
import type { Numbers } from './evaluate-tex.ts';

/** Numbers for a formula's symbols, and what its lines should then come to. */
export interface Case {
  readonly numbers: Numbers;
  readonly expected: Readonly<Record<string, number>>;
}

/** A case from a source of numbers in (0, 1). */
export type CaseOf = (uniform: () => number) => Case;

export const by = (variable: string, loss = String.raw`\ell`): string =>
  String.raw`\frac{\partial${loss}}{\partial${variable}}`;
export const ell = String.raw`\ell`;
const logp = (uniform: () => number): number => -4 * uniform();
export const signed = (uniform: () => number): number => 4 * uniform() - 2;

/** A loss over pairs, on one pair. */
const pair =
  (
    loss: (inputs: reference.PairArrays, options: never) => reference.PairReference,
    more: (uniform: () => number) => { readonly options?: object; readonly numbers?: Numbers } = () => ({}),
  ): CaseOf =>
  (uniform) => {
    const [chosen, rejected, beta] = [signed(uniform), signed(uniform), 0.1 + uniform()];
    const { options = {}, numbers = {} } = more(uniform);
    const { value, gradients } = loss(
      {
        policyChosenLogps: [chosen - 3],
        policyRejectedLogps: [rejected - 5],
        referenceChosenLogps: [-3],
        referenceRejectedLogps: [-5],
      },
      { beta, ...options } as never,
    );
    return {
      numbers: { Delta_w: chosen, Delta_l: rejected, beta, ...numbers },
      expected: {
        [ell]: value,
        [by(String.raw`\Delta_w`)]: gradients.policyChosenLogps[0]!,
        [by(String.raw`\Delta_l`)]: gradients.policyRejectedLogps[0]!,
      },
    };
  };

const smoothed = (uniform: () => number) => {
  const labelSmoothing = 0.05 + 0.4 * uniform();
  return { options: { labelSmoothing }, numbers: { epsilonSymbol: labelSmoothing } };
};

const lengths = (uniform: () => number) => ({ n_w: 1 + Math.floor(9 * uniform()), n_l: 1 + Math.floor(9 * uniform()) });

/** The cases of pair losses, by export. */
export const pairCases: Readonly<Record<string, CaseOf>> = {
  dpoLoss: pair(reference.dpoLoss, smoothed),
  stepDpoLoss: pair(reference.stepDpoLoss, smoothed),
  conservativeDpoLoss: pair(reference.conservativeDpoLoss, smoothed),
  robustDpoLoss: pair(reference.robustDpoLoss, smoothed),
  exoPairLoss: pair(reference.exoPairLoss, smoothed),
  ipoLoss: pair(reference.ipoLoss),
  hingeLoss: pair(reference.hingeLoss),
  ncaPairLoss: pair(reference.ncaPairLoss),
  sppoHardLoss: pair(reference.sppoHardLoss),
  apoZeroLoss: pair(reference.apoZeroLoss),
  apoDownLoss: pair(reference.apoDownLoss),
  bcoPairLoss: pair(reference.bcoPairLoss, (uniform) => {
    const delta = signed(uniform);
    return { options: { rewardShift: delta }, numbers: { delta } };
  }),
  discopopLoss: pair(reference.discopopLoss, (uniform) => {
    const tau = 0.05 + uniform();
    return { options: { temperature: tau }, numbers: { tau } };
  }),
  divergenceDpoLoss: pair(reference.divergenceDpoLoss, () => ({ options: { divergence: 'jensenShannon' } })),
  normalizedDpoLoss: (uniform) => {
    const counts = lengths(uniform);
    return pair(
      (inputs, options) =>
        reference.normalizedDpoLoss({ ...inputs, chosenLengths: [counts.n_w], rejectedLengths: [counts.n_l] }, options),
      () => ({ numbers: counts }),
    )(uniform);
  },
  simpoLoss: (uniform) => {
    const counts = lengths(uniform);
    const [chosen, rejected, beta, margin] = [logp(uniform), logp(uniform), 0.1 + uniform(), uniform()];
    const { value, gradients } = reference.simpoLoss(
      {
        policyChosenLogps: [chosen],
        policyRejectedLogps: [rejected],
        chosenLengths: [counts.n_w],
        rejectedLengths: [counts.n_l],
      },
      { beta, margin },
    );
    return {
      numbers: { P_w: chosen, P_l: rejected, beta, EulerGamma: margin, ...counts },
      expected: {
        [ell]: value,
        [by('P_w')]: gradients.policyChosenLogps[0]!,
        [by('P_l')]: gradients.policyRejectedLogps[0]!,
      },
    };
  },
  svpoLoss: (uniform) => {
    const [chosen, rejected, beta] = [signed(uniform), signed(uniform), 0.1 + uniform()];
    const [V_w, V_l, margin, marginWeight, regularizerWeight] = [uniform(), uniform(), uniform(), uniform(), uniform()];
    const { value, gradients } = reference.svpoLoss(
      {
        policyChosenLogps: [chosen],
        policyRejectedLogps: [rejected],
        referenceChosenLogps: [0],
        referenceRejectedLogps: [0],
        chosenValues: [V_w],
        rejectedValues: [V_l],
      },
      { beta, margin, marginWeight, regularizerWeight },
    );
    return {
      numbers: {
        Delta_w: chosen,
        Delta_l: rejected,
        V_w,
        V_l,
        beta,
        EulerGamma: margin,
        w_m: marginWeight,
        w_r: regularizerWeight,
      },
      expected: {
        [ell]: value,
        [by(String.raw`\Delta_w`)]: gradients.policyChosenLogps[0]!,
        [by(String.raw`\Delta_l`)]: gradients.policyRejectedLogps[0]!,
        [by('V_w')]: gradients.chosenValues[0]!,
        [by('V_l')]: gradients.rejectedValues[0]!,
      },
    };
  },
};
