import type { Scalar, Tensor } from '@svo/tensor';
import fc from 'fast-check';
import type { InputSpecs } from '../../manifest/manifest.ts';
import type { Matrix, Reference, Vector } from '../../reference/index.ts';
import type { Refusal } from '../contract/refusals.ts';
import type { Arrays } from './arrays.ts';

/** A loss's options by name. */
export type Options = Readonly<Record<string, unknown>>;

/** All that `lossContract` needs to know of a loss. */
export interface LossCase {
  readonly name: string;
  /** In the order the loss checks them. */
  readonly inputs: InputSpecs;
  readonly options: fc.Arbitrary<Options>;
  readonly loss: (inputs: Record<string, Tensor>, options: Options) => Scalar;
  /** `frozen` is what stop-gradients read, for losses that have any. */
  readonly reference: (inputs: Arrays, options: Options, frozen: Arrays) => Reference<string, Vector | Matrix>;
  /** What it refuses besides wrong shapes and normalizers. */
  readonly refusals: readonly Refusal[];
  /** False near a kink, where no difference quotient equals the (sub)gradient. */
  readonly smooth?: (inputs: Arrays, options: Options) => boolean;
  /** A finite difference this large is small against the loss's curvature; depends on its sharpest option. */
  readonly differenceStep?: (options: Options) => number;
  /** How finely float64 resolves a gradient that is a difference of terms of order 1; 0 where nothing cancels. */
  readonly resolution?: number;
  /** What a row-wise split of the batch needs besides `normalizer` so that the parts add up. */
  readonly splitOptions?: Options;
  /** How many rows (or slots) the normaliser counts. */
  readonly normalizer: (inputs: Arrays, options: Options) => number;
}

/** Options every test may draw β from. */
export const beta: fc.Arbitrary<number> = fc
  .double({ min: -2, max: 0.5, noNaN: true })
  .map((exponent) => 10 ** exponent);

/** Rows of a batch: what pair losses divide by. */
export const countRows = (inputs: Arrays): number => Math.max(Object.values(inputs)[0]!.length, 1);

/** Rows with a valid slot. */
export const countTrajectories = (inputs: Arrays): number =>
  Math.max((inputs.mask as Matrix).filter((row) => row.some((m) => m > 0)).length, 1);

/** Valid slots. */
export const countSlots = (inputs: Arrays): number =>
  Math.max((inputs.mask as Matrix).flat().filter((m) => m > 0).length, 1);

/** What a `reduction` option counts. */
export const countByReduction = (inputs: Arrays, options: Options): number =>
  options.reduction === 'flat' ? countSlots(inputs) : countTrajectories(inputs);
