import type { Tensor } from '../tf.ts';

/** What a formula gives: one scalar, and arrays of given shapes. */
export interface Wanted<A> {
  readonly scalar: A | number;
  readonly arrays: readonly { readonly value: A | number; readonly shape: readonly number[] }[];
}

/** The same as numbers and new tensors. */
export interface Results {
  readonly scalar: number;
  readonly arrays: Tensor[];
}
