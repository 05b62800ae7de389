import type { Scalar } from '@svo/tensor';
import { differentiable, type Formula, formulaOf } from '../formula/run.ts';
import type { Term } from '../formula/term.ts';
import { checkedCall, termsOf } from './call.ts';
import type { Loss, Manifest } from './manifest.ts';
import { remembered } from './remembered.ts';

/** The inputs of a formula: those of the loss, by name; what may be missing there may be missing here. */
export type Terms<Inputs> = { readonly [Name in keyof Inputs]: Term };

/** The options of a formula: each has its value, the normalizer is a term where it was given. */
export type Settled<Options> = {
  readonly [Name in Exclude<keyof Options, 'normalizer'>]-?: Exclude<Options[Name], undefined>;
} & { readonly normalizer: Term | undefined };

/** The loss, a scalar, of nothing but its arguments: it is recorded once for each set of options. */
export type LossFormula<Inputs, Options> = (x: Terms<Inputs>, options: Settled<Options>) => Term;

/** What a loss checks besides its manifest. */
export type FurtherCheck<Inputs, Options> = (
  inputs: Inputs,
  options: Settled<Options>,
  sizes: Readonly<Record<string, number>>,
) => void;

/** A loss from its manifest and its formula: what it is given is checked here, once for all losses, and its gradient is derived. */
export function defineLoss<Inputs extends object, Options extends object>(
  manifest: Manifest,
  formula: LossFormula<Inputs, Options>,
  check?: FurtherCheck<Inputs, Options>,
): Loss<Inputs, Options> {
  const callee = { ...manifest, normalized: true };
  const recall = remembered<Formula>();
  const loss = (inputs: Inputs, options?: Options): Scalar => {
    const call = checkedCall(callee, inputs, options ?? {});
    const settled = call.settled as Settled<Options>;
    check?.(inputs, settled, call.run.sizes);
    const record = (): Formula => formulaOf(formula(termsOf(call, manifest.inputs) as Terms<Inputs>, settled));
    return differentiable(recall(call.key, record), call.run);
  };
  Object.defineProperty(loss, 'name', { value: manifest.name });
  return Object.assign(loss, { manifest });
}
