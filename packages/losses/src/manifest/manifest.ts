import type { Scalar } from '@svo/tensor';
import type { OptionSpec } from './options.ts';

/** What an input holds, which decides how tests and benchmarks draw it. */
export type Kind = 'logps' | 'reference' | 'values' | 'rewards' | 'mask' | 'labels' | 'lengths' | 'weights' | 'stepIds';

/** An input: its shape in named dimensions, what it holds, whether it carries gradient. */
export interface InputSpec {
  /** B rows, of S steps or T tokens; M mismatched pairs. */
  readonly shape: 'B' | 'M' | 'B S' | 'B T' | 'B U';
  readonly kind: Kind;
  /** Its name in the formulas of docs/losses.md, where it is none of the usual ones. */
  readonly symbol?: string;
  /** Whether gradient flows to it: always, or where an option asks for it. */
  readonly trained?: true | 'byOption';
  /** The loss runs without it. */
  readonly optional?: true;
}

/** Inputs by name, in the order in which they are checked. */
export type InputSpecs = Readonly<Record<string, InputSpec>>;

/** Options by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** All there is to know of a loss besides its formula: README, docs, benchmarks and tests are made from it or checked against it. */
export interface Manifest {
  /** The export. */
  readonly name: string;
  /** The chapter of this package, and of the README's table. */
  readonly family: 'steps' | 'tokens' | 'preference' | 'unpaired' | 'likelihood' | 'policy-gradient' | 'verifiers';
  /** Paper, its number, and equation. */
  readonly source: string;
  readonly inputs: InputSpecs;
  /** Every option besides `normalizer`, which all have. */
  readonly options: OptionSpecs;
  /** Its entries in test/golden/losses.json. */
  readonly golden: readonly string[];
}

/** A loss: named tensors and options in, a differentiable scalar out. */
export type Loss<Inputs, Options> = ((inputs: Inputs, options?: Options) => Scalar) & {
  /** What it takes, and where it is from. */
  readonly manifest: Manifest;
};
