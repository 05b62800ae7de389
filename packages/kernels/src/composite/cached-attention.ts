import { replaceData, type Tensor, tf } from '@svo/tensor';
import type { CachedAttentionInputs, CachedAttentionShape } from '../operations/attention-shape.ts';
import { rotate } from './rotary-attention.ts';

/** One decoding step against a cache, written with plain tfjs operations, on every backend. */
export function cachedAttentionComposite(inputs: CachedAttentionInputs, shape: CachedAttentionShape): Tensor {
  const { keyCache, valueCache, positions } = inputs;
  const { heads, keyValueHeads, headDim, window } = shape;
  const [rows, room] = keyCache.shape as [number, number];
  const group = heads / keyValueHeads;
  const half = headDim / 2;
  return tf.tidy(() => {
    const cos = tf.reshape(tf.gather(inputs.cos, positions as tf.Tensor1D), [rows, 1, half]);
    const sin = tf.reshape(tf.gather(inputs.sin, positions as tf.Tensor1D), [rows, 1, half]);
    const at = tf.reshape(positions, [rows, 1]);
    const slots = tf.reshape(tf.range(0, room, 1, 'int32'), [1, room]);
    const here = tf.reshape(tf.equal(slots, at), [rows, room, 1]);

    const key = tf.reshape(rotate(tf.reshape(inputs.key, [rows, keyValueHeads, headDim]), cos, sin), [rows, 1, -1]);
    replaceData(keyCache, tf.where(here, key, keyCache));
    replaceData(valueCache, tf.where(here, tf.reshape(inputs.value, [rows, 1, -1]), valueCache));

    const byHead = (cache: Tensor): Tensor =>
      tf.reshape(tf.transpose(tf.reshape(cache, [rows, room, keyValueHeads, headDim]), [0, 2, 1, 3]), [
        rows * keyValueHeads,
        room,
        headDim,
      ]);
    const query = tf.reshape(rotate(tf.reshape(inputs.query, [rows, heads, headDim]), cos, sin), [
      rows * keyValueHeads,
      group,
      headDim,
    ]);
    const scores = tf.reshape(tf.mul(tf.matMul(query, byHead(keyCache), false, true), 1 / Math.sqrt(headDim)), [
      rows,
      heads,
      room,
    ]);
    const past = tf.lessEqual(slots, at);
    const visible =
      window === undefined ? past : tf.logicalAnd(past, tf.greater(slots, tf.sub(at, tf.scalar(window, 'int32'))));
    const seen = tf.broadcastTo(tf.reshape(visible, [rows, 1, room]), [rows, heads, room]);
    const weights = tf.softmax(tf.where(seen, scores, tf.fill([rows, heads, room], -1e9)));
    const mixed = tf.matMul(tf.reshape(weights, [rows * keyValueHeads, group, room]), byHead(valueCache));
    return tf.reshape(mixed, [rows, heads * headDim]);
  });
}
