import { customGradient } from '../gradients/custom-gradient.ts';
import { assertShapes } from '../shapes/assert-shapes.ts';
import { ShapeError } from '../shapes/shape-error.ts';
import { type Tensor, tf } from '../tf.ts';

/**
 * log p(ids[t] | ids[<t]), aligned with `ids`: entry t reads the logits at t − 1, entry 0 is 0.
 *
 * z_y − m − log Σ exp(z − m) with m = max z, so that large logits do not overflow. The gradient on the logits is
 * g·(1[j = y] − p_j), every row of which sums to 0; the logits are kept for it, their softmax is not. An id outside the
 * vocabulary gives NaN.
 *
 * @param logits - [B, T, V]
 * @param ids - [B, T] int32
 * @returns [B, T], nats
 * @throws ShapeError when ranks or sizes disagree
 * @example
 * ```ts
 * import { tf, tokenLogps } from '@svo/tensor';
 * const uniform = tf.zeros([1, 3, 4]) as ReturnType<typeof tf.tensor3d>;
 * tokenLogps(uniform, tf.tensor2d([[0, 3, 1]], [1, 3], 'int32')).dataSync()[1]!.toFixed(4); // => '-1.3863'
 * ```
 */
export function tokenLogps(logits: Tensor, ids: Tensor): Tensor {
  const { B, T, V } = assertShapes('tokenLogps', { logits: [logits, 'B T V'], ids: [ids, 'B T'] });
  if (ids.dtype !== 'int32')
    throw new ShapeError(`tokenLogps: ids must be int32, got ${ids.dtype} (make them with 'int32')`);
  const rows = B * T;
  return customGradient([logits], ([input], save) => {
    const z = tf.reshape(input, [rows, V]);
    // Row (b, t) of the logits predicts ids[b, t + 1]; the last row of each sequence predicts nothing and is dropped.
    const next = shiftLeft(ids, B, T);
    const known = tf.logicalAnd(tf.greaterEqual(next, 0), tf.less(next, V));
    const target = tf.cast(tf.clipByValue(next, 0, V - 1), 'int32');
    const logSum = tf.logSumExp(z, 1);
    const rowStart = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(V, 'int32'));
    const picked = tf.gather(tf.reshape(z, [rows * V]), tf.add(rowStart, tf.reshape(target, [rows])) as tf.Tensor1D);
    const logps = tf.where(known, tf.reshape(tf.sub(picked, logSum), [B, T]), tf.fill([B, T], Number.NaN));
    save([z, logSum, target]);
    return { value: shiftRight(logps, B, T), gradFunc: (dy, saved) => [gradient(dy, saved, [B, T, V])] };
  });
}

/** g·(onehot − softmax), with the upstream gradient moved back onto the row that made the prediction. */
function gradient(dy: Tensor, [z, logSum, target]: Tensor[], [B, T, V]: [number, number, number]): Tensor {
  const upstream = tf.reshape(shiftLeft(dy, B, T), [B * T, 1]);
  const softmax = tf.exp(tf.sub(z!, tf.reshape(logSum!, [B * T, 1])));
  const onehot = tf.oneHot(tf.reshape(target!, [B * T]) as tf.Tensor1D, V);
  return tf.reshape(tf.mul(upstream, tf.sub(tf.cast(onehot, 'float32'), softmax)), [B, T, V]);
}

/** Column t takes what column t + 1 holds; the last becomes 0. */
function shiftLeft(x: Tensor, B: number, T: number): Tensor {
  return tf.concat([tf.slice(x, [0, 1], [B, T - 1]), tf.zeros([B, 1], x.dtype as 'float32')], 1);
}

/** Column t takes what column t − 1 holds; the first becomes 0. */
function shiftRight(x: Tensor, B: number, T: number): Tensor {
  return tf.concat([tf.zeros([B, 1], x.dtype as 'float32'), tf.slice(x, [0, 0], [B, T - 1])], 1);
}
