/** What the formulas of pair losses in docs/losses.md should give on random numbers, from the float64 reference. */
import * as losses from '@svo/losses';
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
export const signed = (uniform: () => number): number => 4 * uniform() - 2;

/** A number an option may have; the formula on the page is the one of its default words. */
export function drawn(spec: OptionSpec, uniform: () => number): number {
  if (spec.kind !== 'range') return 0.1 + uniform();
  const { low, high } = spec.range;
  return low + (high - low) * (0.1 + 0.8 * uniform());
}

/** What a formula of the page fixes though it is no default. */
const fixed: Readonly<Record<string, object>> = { divergenceDpoLoss: { divergence: 'jensenShannon' } };

/** A loss over pairs, on one pair: inputs and options as its manifest names them, every option that has a symbol drawn. */
function pairCase({ manifest }: PairLoss): CaseOf {
  const loss = (reference as unknown as Record<string, PairReferenceOf>)[manifest.name]!;
  const given = Object.entries(manifest.inputs).filter(([, { optional }]) => !optional);
  const has = (input: string): boolean => given.some(([name]) => name === input);
  return (uniform) => {
    const [chosen, rejected] = [signed(uniform), signed(uniform)];
    const named = Object.entries(manifest.options).filter(([, { symbol }]) => symbol !== undefined);
    const options = Object.fromEntries(named.map(([name, spec]) => [name, drawn(spec, uniform)]));
    const symbols = Object.fromEntries(named.map(([name, { symbol }]) => [symbol!, options[name]!]));
    const lengths = has('chosenLengths')
      ? { n_w: 1 + Math.floor(9 * uniform()), n_l: 1 + Math.floor(9 * uniform()) }
      : {};
    const side = has('referenceChosenLogps') ? String.raw`\Delta` : 'P';
    const { value, gradients } = loss(
      {
        policyChosenLogps: [chosen],
        policyRejectedLogps: [rejected],
        referenceChosenLogps: [0],
        referenceRejectedLogps: [0],
        ...(lengths.n_w === undefined ? {} : { chosenLengths: [lengths.n_w], rejectedLengths: [lengths.n_l] }),
      },
      { ...options, ...fixed[manifest.name] },
    );
    return {
      numbers: {
        [`${side}_w`.replace('\\', '')]: chosen,
        [`${side}_l`.replace('\\', '')]: rejected,
        ...lengths,
        ...symbols,
      },
      expected: {
        [ell]: value,
        [by(`${side}_w`)]: gradients.policyChosenLogps[0]!,
        [by(`${side}_l`)]: gradients.policyRejectedLogps[0]!,
      },
    };
  };
}

type PairLoss = Pick<typeof losses.dpoLoss, 'manifest'>;
type PairReferenceOf = (inputs: object, options: object) => reference.PairReference;
type OptionSpec = PairLoss['manifest']['options'][string];

/** The cases of pair losses, by export: made from their manifests. */
export const pairCases: Readonly<Record<string, CaseOf>> = Object.fromEntries(
  Object.entries(losses as unknown as Record<string, PairLoss>)
    .filter(([, { manifest }]) => manifest?.family === 'preference')
    .map(([name, loss]) => [name, pairCase(loss)]),
);
