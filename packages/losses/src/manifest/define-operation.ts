import type { Tensor } from '@svo/tensor';
import { evaluated, type Formula, formulaOf } from '../formula/run.ts';
import { type Callee, checkedCall, termsOf } from './call.ts';
import type { LossFormula, Settled, Terms } from './define-loss.ts';
import { remembered } from './remembered.ts';

/** A function of named tensors and options that gives data: as a loss is checked and computed, but nothing carries gradient. */
export function defineOperation<Inputs extends object, Options extends object>(
  { name, inputs: specs, options: known }: Omit<Callee, 'normalized'>,
  formula: LossFormula<Inputs, Options>,
): (inputs: Inputs, options?: Options) => Tensor {
  const callee = { name, inputs: specs, options: known, normalized: false };
  const recall = remembered<Formula>();
  return (inputs, options) => {
    const call = checkedCall(callee, inputs, options ?? {});
    const terms = termsOf(call, specs) as Terms<Inputs>;
    const compiled = recall(call.key, () => formulaOf(formula(terms, call.settled as Settled<Options>)));
    const { shape } = compiled.parts.roots[0]!;
    const lengths = shape === '' ? [] : shape.split(' ').map((dimension) => call.run.sizes[dimension]!);
    return evaluated(compiled, call.run, lengths);
  };
}
