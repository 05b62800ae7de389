/** Columns of queries and keys in the order the attention rotates them: its pairs are (i, i + headDim / 2). */
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture } from './architecture.ts';

/**
 * Where only the first r dimensions of a head are rotated, pairs are (i, i + r / 2). Each head's columns are put as
 * [0, r / 2), half of the rest, [r / 2, r), the other half, so that pairs stand headDim / 2 apart; the rest pairs among itself, at the
 * angle 0. Scores stay what they were, for queries and keys are put alike.
 */
export const pairedColumns = ({ rotaryDim, headDim }: Architecture, x: Tensor): Tensor => {
  if (rotaryDim === headDim) return x;
  const rows = tf.reshape(x, [x.size / headDim, headDim]);
  const [turned, rest] = [rotaryDim / 2, (headDim - rotaryDim) / 2];
  const parts = tf.split(rows, [turned, turned, rest, rest], 1);
  return tf.reshape(tf.concat([parts[0]!, parts[2]!, parts[1]!, parts[3]!], 1), x.shape);
};
