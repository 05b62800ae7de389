import { recordOperation } from '../backend/internals.ts';
import type { Tensor } from '../tf.ts';

/** What a forward pass returns: its value, and how to turn the gradient on the value into one on each input. */
export interface WithGradient {
  readonly value: Tensor;
  /**
   * `saved` are the tensors given to `save`; everything else the forward pass made is gone by then. `wanted` says for each input
   * whether anybody will read its gradient: of the others (frozen weights) none need be computed, `undefined` stands for them.
   */
  readonly gradFunc: (dy: Tensor, saved: Tensor[], wanted: readonly boolean[]) => readonly (Tensor | undefined)[];
}

/**
 * `tf.customGrad` with its types: one operation on the tape whose gradient is written by hand.
 *
 * @param inputs - the tensors that receive gradient; others are simply used in `forward`
 * @param forward - gets the same tensors, and `save` for what the gradient needs
 */
export function customGradient<const Inputs extends readonly Tensor[]>(
  inputs: Inputs,
  forward: (inputs: { -readonly [Index in keyof Inputs]: Tensor }, save: (tensors: Tensor[]) => void) => WithGradient,
): Tensor {
  return recordOperation(inputs, (given, save) =>
    forward(given as { -readonly [Index in keyof Inputs]: Tensor }, save),
  );
}
