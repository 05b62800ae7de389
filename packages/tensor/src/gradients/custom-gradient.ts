import { type Tensor, tf } from '../tf.ts';

/** What a forward pass returns: its value, and how to turn the gradient on the value into one on each input. */
export interface WithGradient {
  readonly value: Tensor;
  /** `saved` are the tensors given to `save`; everything else the forward pass made is gone by then. */
  readonly gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor[];
}

/**
 * `tf.customGrad` with its types: one operation on the tape whose gradient is written by hand.
 *
 * @param inputs - the tensors that receive gradient; others are simply used in `forward`
 * @param forward - gets the same tensors, and `save` for what the gradient needs
 */
export function customGradient(
  inputs: readonly Tensor[],
  forward: (inputs: Tensor[], save: (tensors: Tensor[]) => void) => WithGradient,
): Tensor {
  const run = tf.customGrad((...args: unknown[]) => {
    const save = args[args.length - 1] as (tensors: Tensor[]) => void;
    return forward(args.slice(0, -1) as Tensor[], save);
  });
  return run(...inputs);
}
