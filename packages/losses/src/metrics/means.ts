import { type Scalar, type Tensor, tf, whereValid, withoutGradient } from '@svo/tensor';

/** Scalars by TRL's metric names; they are data, nothing flows back through them. */
export type Metrics<K extends string> = Readonly<Record<K, Scalar>>;

/** Computes metrics off the tape and frees what was made on the way. */
export function metricsOf<K extends string>(compute: () => Record<K, Tensor>): Metrics<K> {
  return withoutGradient(() => tf.tidy(compute)) as Metrics<K>;
}

/** The mean of `x` where `mask` > 0, whatever stands elsewhere; 0 over nothing, as a loss is 0 over nothing. */
export function meanOver(mask: Tensor, x: Tensor): Tensor {
  const count = tf.sum(tf.cast(tf.greater(mask, 0), 'float32'));
  return tf.div(tf.sum(whereValid(mask, x)), tf.maximum(count, 1));
}

/** 1 where the condition holds, else 0. */
export const indicator = (condition: Tensor): Tensor => tf.cast(condition, 'float32');

/** The implicit reward β·(log π_θ − log π_ref). */
export const implicitReward = (policy: Tensor, reference: Tensor, beta: number): Tensor =>
  tf.mul(tf.sub(policy, reference), beta);
