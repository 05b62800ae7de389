import { type Tensor, unshare } from '@svo/tensor';
import { cachedAttentionComposite } from '../composite/cached-attention.ts';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireIds, requireShape } from '../shapes.ts';
import { type CachedAttentionInputs, type CachedAttentionShape, checkHeads } from './attention-shape.ts';

/**
 * One decoding step: rotates the new queries and keys at `positions`, writes keys and values into the caches in place,
 * and attends to positions 0 … positions[r] of each row. No gradient. The caches belong to the caller, who disposes
 * of them; on backends without the kernel the cache tensors take new data and stay the same objects.
 *
 * @param inputs see `CachedAttentionInputs`.
 * @param shape see `CachedAttentionShape`.
 * @returns `[R, heads · headDim]`.
 * @throws ShapeError, TypeError, RangeError as `rotaryAttention`; RangeError on a position outside the cache (wasm kernel).
 *
 * @example
 * ```ts
 * import { cachedAttention } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const cache = { keyCache: tf.zeros([1, 4, 2]), valueCache: tf.zeros([1, 4, 2]) };
 * const tables = { cos: tf.ones([4, 1]), sin: tf.zeros([4, 1]) };
 * const token = { query: tf.zeros([1, 2]), key: tf.zeros([1, 2]), value: tf.tensor2d([[6, 8]]) };
 * const y = cachedAttention({ ...token, ...cache, ...tables, positions: tf.tensor1d([1], 'int32') }, { heads: 1, keyValueHeads: 1, headDim: 2 });
 * Array.from(y.dataSync()); // => [3, 4]
 * Array.from(cache.valueCache.dataSync()); // => [0, 0, 6, 8, 0, 0, 0, 0]
 * ```
 */
export function cachedAttention(inputs: CachedAttentionInputs, shape: CachedAttentionShape): Tensor {
  const where = 'cachedAttention';
  const { query, key, value, keyCache, valueCache, positions, cos, sin } = inputs;
  const { heads, keyValueHeads, headDim, window } = shape;
  checkHeads(where, heads, keyValueHeads, headDim, window);
  const rows = query.shape[0]!;
  requireShape(where, 'query', query, [-1, heads * headDim]);
  requireShape(where, 'key', key, [rows, keyValueHeads * headDim]);
  requireShape(where, 'value', value, [rows, keyValueHeads * headDim]);
  requireShape(where, 'keyCache', keyCache, [rows, -1, keyValueHeads * headDim]);
  requireShape(where, 'valueCache', valueCache, keyCache.shape);
  requireShape(where, 'positions', positions, [rows]);
  requireIds(where, 'positions', positions);
  requireShape(where, 'cos', cos, [-1, headDim / 2]);
  requireShape(where, 'sin', sin, [cos.shape[0]!, headDim / 2]);
  if (!hasKernel('SvoCachedAttention')) return cachedAttentionComposite(inputs, shape);
  for (const cache of [keyCache, valueCache]) unshare(cache);
  return runKernel(
    'SvoCachedAttention',
    { query, key, value, keyCache, valueCache, positions, cos, sin },
    { heads, keyValueHeads, headDim, window: window ?? keyCache.shape[1]! },
  )[0]!;
}
