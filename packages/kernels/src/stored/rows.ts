/** Rows of a stored matrix as a tensor, a panel at a time. */
import type { StoredMatrix } from '@svo/files';
import { type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { workingSizes } from '../working-sizes.ts';

/** Rows of a panel. By the width alone: the sums of a product must not depend on what it is multiplied with. */
export const panelRows = (width: number): number => Math.max(1, Math.floor(workingSizes.panel / Math.max(1, width)));

/** First row and the one behind the last of each panel, of at most `most` rows. */
export function panelsOf(rows: number, most: number): (readonly [from: number, to: number])[] {
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => [i * most, Math.min(rows, (i + 1) * most)] as const);
}

/** Rows from … to − 1 as float32, `[to − from, columns]`. */
export function storedRows(matrix: StoredMatrix, from: number, to: number): Tensor {
  if (hasKernel('SvoStoredRows')) return runKernel('SvoStoredRows', {}, { matrix, from, to })[0]!;
  const values = new Float32Array((to - from) * matrix.shape[1]);
  matrix.rows(from, to, values);
  return tf.tensor2d(values, [to - from, matrix.shape[1]]);
}

/** Is it a stored matrix, and no tensor? */
export const isStored = (weight: Tensor | StoredMatrix): weight is StoredMatrix => !(weight instanceof tf.Tensor);
