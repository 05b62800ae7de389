import { type Tensor, tf } from '@svo/tensor';
import type { AttentionInputs, AttentionShape } from '../operations/attention-shape.ts';

/**
 * Rotary position embedding, half-split as in Hugging Face's Llama: (a, b) → (a cos − b sin, b cos + a sin),
 * a and b the first and second half of the last axis.
 * `x` [G, T, hd]; `cos`, `sin` broadcast against [G, T, hd/2].
 */
export function rotate(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const [a, b] = tf.split(x, 2, -1) as [Tensor, Tensor];
  return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1);
}

/** Causal attention over rotated queries and keys, written with plain tfjs operations, on every backend. */
export function rotaryAttentionComposite(inputs: AttentionInputs, shape: AttentionShape): Tensor {
  const { batch, length, heads, keyValueHeads, headDim, window } = shape;
  const group = heads / keyValueHeads;
  const cos = tf.reshape(inputs.cos, [1, length, headDim / 2]);
  const sin = tf.reshape(inputs.sin, [1, length, headDim / 2]);

  // [N, heads·hd] → [batch · keyValueHeads, rows, hd]; the queries that share a key head become rows of one matrix.
  const byHead = (x: Tensor, count: number): Tensor =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, length, count, headDim]), [0, 2, 1, 3]), [
      batch * count,
      length,
      headDim,
    ]);
  const query = tf.reshape(rotate(byHead(inputs.query, heads), cos, sin), [
    batch * keyValueHeads,
    group * length,
    headDim,
  ]);
  const key = rotate(byHead(inputs.key, keyValueHeads), cos, sin);
  const value = byHead(inputs.value, keyValueHeads);

  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(headDim));
  const causal = tf.add(tf.reshape(scores, [batch * heads, length, length]), causalMask(length, window));
  const masked = inputs.starts ? keptApart(causal, inputs.starts, batch, length) : causal;
  const weights = tf.reshape(tf.softmax(masked), [batch * keyValueHeads, group * length, length]);
  const mixed = tf.reshape(tf.matMul(weights, value), [batch, heads, length, headDim]);
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch * length, heads * headDim]);
}

/** Scores `[batch · heads, T, T]` with −10⁹ added where position j lies before the first one that i may look at. */
function keptApart(scores: Tensor, starts: Tensor, batch: number, length: number): Tensor {
  const before = tf.less(
    tf.reshape(tf.range(0, length, 1, 'int32'), [1, 1, 1, length]),
    tf.reshape(starts, [batch, 1, length, 1]),
  );
  const byHead = tf.reshape(scores, [batch, scores.shape[0]! / batch, length, length]);
  return tf.reshape(tf.add(byHead, tf.mul(tf.cast(before, 'float32'), -1e9)), scores.shape);
}

/** 0 where position i may look at position j (j ≤ i, and j > i − window), −10⁹ elsewhere; [1, T, T]. */
function causalMask(length: number, window = length): Tensor {
  const mask = new Float32Array(length * length);
  for (let i = 0; i < length; i++)
    for (let j = 0; j < length; j++) if (j > i || j <= i - window) mask[i * length + j] = -1e9;
  return tf.tensor(mask, [1, length, length]);
}
