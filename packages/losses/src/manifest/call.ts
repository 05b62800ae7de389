import { assertOptions, assertShapes, type Tensor } from '@svo/tensor';
import type { FormulaInputs } from '../formula/run.ts';
import { input, option, type Term } from '../formula/term.ts';
import { assertNormalizer } from '../shared/check.ts';
import type { InputSpecs, OptionSpecs } from './manifest.ts';
import { assertOption } from './options.ts';

/** What is called: its name, what it takes, whether it has a normalizer. */
export interface Callee {
  readonly name: string;
  readonly inputs: InputSpecs;
  readonly options: OptionSpecs;
  readonly normalized: boolean;
}

/** A call whose arguments are as the callee wants them. */
export interface Call {
  readonly run: FormulaInputs;
  /** Every option's value; the normalizer, where one was given, is a term. */
  readonly settled: Readonly<Record<string, unknown>>;
  /** Equal keys mean equal formulas: the same inputs, the same options. A normalizer may be another number each time. */
  readonly key: string;
}

/** @throws RangeError for options that are unknown or out of range, ShapeError for inputs that are missing or out of shape */
export function checkedCall(callee: Callee, inputs: object, options: object): Call {
  const given = options as Readonly<Record<string, unknown>>;
  const known = Object.keys(callee.options);
  assertOptions(callee.name, given, callee.normalized ? [...known, 'normalizer'] : known);
  const settled = settle(callee, given);
  const tensors = present(inputs as Readonly<Record<string, Tensor | undefined>>, callee.inputs);
  const sizes = assertShapes(callee.name, shaped(tensors, callee.inputs));
  const { normalizer } = given as { readonly normalizer?: number };
  const run = { tensors, sizes, options: normalizer === undefined ? {} : { normalizer } };
  return { run, settled, key: keyOf(tensors, settled) };
}

/** The inputs of a call as those of a formula. */
export function termsOf({ run }: Call, specs: InputSpecs): Readonly<Record<string, Term>> {
  const terms: Record<string, Term> = {};
  for (const name in run.tensors) terms[name] = input(name, specs[name]!.shape, specs[name]!.trained !== undefined);
  return terms;
}

/** Every option's value, checked. */
function settle({ name, options }: Callee, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const settled: Record<string, unknown> = {};
  for (const each in options) {
    const value = given[each];
    if (value !== undefined) assertOption(name, each, options[each]!, value);
    settled[each] = value === undefined ? options[each]!.initial : value;
  }
  assertNormalizer(name, given.normalizer as number | undefined);
  settled.normalizer = given.normalizer === undefined ? undefined : option('normalizer');
  return settled;
}

/** The inputs there are; one that must be there is among them though it be undefined, so that the shape check names it. */
function present(inputs: Readonly<Record<string, Tensor | undefined>>, specs: InputSpecs): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const name in specs)
    if (inputs[name] !== undefined || !specs[name]!.optional) tensors[name] = inputs[name] as Tensor;
  return tensors;
}

function shaped(tensors: Readonly<Record<string, Tensor>>, specs: InputSpecs): Record<string, [Tensor, string]> {
  const shapes: Record<string, [Tensor, string]> = {};
  for (const name in tensors) shapes[name] = [tensors[name]!, specs[name]!.shape];
  return shapes;
}

function keyOf(tensors: Readonly<Record<string, Tensor>>, settled: Readonly<Record<string, unknown>>): string {
  let key = '';
  for (const name in tensors) key += `${name},`;
  for (const name in settled) key += name === 'normalizer' ? settled[name] !== undefined : `${settled[name]},`;
  return key;
}
