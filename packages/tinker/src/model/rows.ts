/** Between rows of different lengths and the [B, T] that losses take. */
import { type Tensor, tf } from '@svo/tensor';

/**
 * Rows' log-probs as [B, T], aligned with the ids as `tokenLogps` of `@svo/models` gives them: column 0 is 0 (nothing predicts
 * a first token), and so is the padding.
 */
export function padded(logps: readonly Float32Array[], width: number): Tensor {
  const grid = new Float32Array(logps.length * width);
  for (const [row, values] of logps.entries()) grid.set(values, row * width + 1);
  return tf.tensor2d(grid, [logps.length, width]);
}

/** What [B, T] holds for each row's predicted tokens: columns 1 to its length. */
export function cut(grid: ArrayLike<number>, width: number, lengths: readonly number[]): Float32Array[] {
  // Copied once: a backend's own memory may be used again.
  const values = new Float32Array(grid);
  return lengths.map((length, row) => values.subarray(row * width + 1, row * width + length));
}

/** @throws RangeError naming the first number that is none */
export function checkGradients(
  caller: string,
  gradients: readonly ArrayLike<number>[],
  lengths: readonly number[],
): void {
  if (gradients.length !== lengths.length)
    throw new RangeError(
      `${caller}: gradients must have one row a row of data (${lengths.length}), got ${gradients.length}`,
    );
  for (const [row, values] of gradients.entries()) {
    if (values.length !== lengths[row]! - 1)
      throw new RangeError(
        `${caller}: gradients[${row}] must hold one number a predicted token (${lengths[row]! - 1}), got ${values.length}`,
      );
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]))
        throw new RangeError(`${caller}: gradients[${row}][${i}] must be finite, got ${values[i]}; nothing was sent`);
  }
}
