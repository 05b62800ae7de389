import { type Tensor, tf } from '@svo/tensor';
import type { Params } from './types.ts';

/**
 * A deep copy: new memory for every tensor, so that steps which update in place cannot reach it. `tf.clone` would only
 * alias. The product with 1 keeps every float as it is, signed zeros included.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { copyParams } from '@svo/train';
 * const copy = copyParams({ w: tf.tensor1d([1, 2]) });
 * await copy.w!.data(); // => Float32Array.of(1, 2)
 * ```
 */
export function copyParams(params: Params): Params {
  return mapParams(params, (tensor) => tf.tidy(() => tf.mul(tensor, tf.scalar(1, tensor.dtype as 'float32'))));
}

/** The same names with each tensor put through `transform`. */
export function mapParams(params: Params, transform: (tensor: Tensor, name: string) => Tensor): Params {
  return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, transform(tensor, name)]));
}

/** All tensors of a plain tree of records and lists, whatever else it holds. */
export function tensorsIn(tree: unknown): Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  if (typeof tree !== 'object' || tree === null || ArrayBuffer.isView(tree)) return [];
  return Object.values(tree).flatMap(tensorsIn);
}

/**
 * Frees every tensor of a state, a record of parameters or any plain tree; those also found in `except` are spared.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { disposeTensors } from '@svo/train';
 * const params = { w: tf.scalar(1) };
 * disposeTensors(params);
 * params.w.isDisposed; // => true
 * ```
 */
export function disposeTensors(tree: unknown, except: unknown = []): void {
  const spared = new Set(tensorsIn(except));
  for (const tensor of tensorsIn(tree)) if (!spared.has(tensor)) tensor.dispose();
}
