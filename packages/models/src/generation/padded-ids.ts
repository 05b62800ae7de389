import { type Tensor, tf } from '@svo/tensor';

/**
 * Token lists of different lengths as one int32 `[B, T]`, zeros behind the shorter ones; causal attention never looks
 * there from a real token.
 */
export const paddedIds = (rows: readonly (readonly number[])[]): Tensor => {
  const length = rows.reduce((longest, row) => Math.max(longest, row.length), 0);
  const ids = new Int32Array(rows.length * length);
  for (const [row, tokens] of rows.entries()) ids.set(tokens, row * length);
  return tf.tensor2d(ids, [rows.length, length], 'int32');
};
