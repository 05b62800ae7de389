import { type Scalar, type Tensor, tf } from '../tf.ts';
import { reverseMode } from './reverse-mode.ts';

/** Weights, gradients or moments, keyed by parameter name. Nothing is ever addressed by its position. */
export type Params = Readonly<Record<string, Tensor>>;

/** A loss, and whatever else is worth keeping from its computation. */
export interface LossAndMore {
  readonly loss: Scalar;
  readonly [metric: string]: Tensor;
}

/**
 * Runs `lossFn` on `params` and returns its value, the gradient of every parameter under the parameter's own name, and
 * the other tensors the function returned (`aux`). A parameter the loss does not reach gets zeros, not an error.
 * The caller owns every tensor of the result; everything in between is disposed of.
 *
 * @param lossFn - params → a scalar, or `{ loss, ...metrics }`
 * @throws RangeError when the loss is not a scalar
 * @example
 * ```ts
 * import { tf, valueAndGrads } from '@svo/tensor';
 * const { value, gradients } = valueAndGrads(({ w }) => tf.sum(tf.square(w)), { w: tf.tensor1d([1, 2]) });
 * value.dataSync()[0]; // => 5
 * gradients.w.arraySync(); // => [2, 4]
 * ```
 */
export function valueAndGrads<P extends Params>(
  lossFn: (params: P) => Scalar | LossAndMore,
  params: P,
): { value: Scalar; gradients: { [K in keyof P]: Tensor }; aux: Record<string, Tensor> } {
  const names = Object.keys(params);
  let aux: Record<string, Tensor> = {};
  const { value, gradients: reached } = reverseMode(
    () => {
      const returned = lossFn(params);
      if (returned instanceof tf.Tensor) return scalar(returned);
      const { loss, ...others } = returned;
      aux = others;
      // Gradients run inside their own scope: what should outlive it is kept here and handed to the caller below.
      for (const tensor of Object.values(aux)) tf.keep(tensor);
      return scalar(loss);
    },
    names.map((name) => params[name]!),
  );
  const grads = reached.map((gradient, i) => gradient ?? tf.zerosLike(params[names[i]!]!));
  const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]]));
  return { value: value as Scalar, gradients: gradients as { [K in keyof P]: Tensor }, aux };
}

function scalar(loss: Tensor): Scalar {
  if (loss.size === 1) return loss.rank === 0 ? (loss as Scalar) : tf.reshape(loss, []);
  throw new RangeError(
    `valueAndGrads: the loss must be a scalar, got shape [${loss.shape.join(', ')}] (take its mean)`,
  );
}
