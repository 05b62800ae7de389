/** Products with a stored matrix, which are not differentiable by themselves: the backend's own, or with one panel as float32 at a time. */
import type { StoredMatrix } from '@svo/files';
import { isRecording, type Tensor, tf } from '@svo/tensor';
import { addProduct } from '../add-product.ts';
import { runStored } from '../kernel-calls.ts';
import { panelRows, panelsOf, storedRows } from './rows.ts';

/** x Wᵀ, `[N, K]` and `[M, K]` → `[N, M]`; of rounded x where the matrix says so and no gradient is recorded. */
export function timesTransposed(x: Tensor, matrix: StoredMatrix): Tensor {
  if (matrix.activations === 'int8' && !isRecording()) {
    const [ofRounded] = runStored('SvoStoredInt8Product', { x }, matrix);
    if (ofRounded) return ofRounded;
  }
  const [whole] = runStored('SvoStoredProduct', { x }, matrix, { recording: isRecording() });
  if (whole) return whole;
  const [M, K] = matrix.shape;
  const parts = panelsOf(M, panelRows(K)).map(([from, to]) =>
    tf.tidy(() => tf.matMul(x, storedRows(matrix, from, to), false, true)),
  );
  if (parts.length === 1) return parts[0]!;
  const product = tf.concat(parts, 1);
  tf.dispose(parts);
  return product;
}

/** g W, `[N, M]` and `[M, K]` → `[N, K]`: panel by panel, each added to the sum of those before. */
export function times(g: Tensor, matrix: StoredMatrix): Tensor {
  const [whole] = runStored('SvoStoredProductGradient', { dy: g }, matrix);
  if (whole) return whole;
  const [M, K] = matrix.shape;
  const panels = panelsOf(M, panelRows(K));
  const [rows] = g.shape as [number];
  let sum: Tensor | undefined;
  for (const [from, to] of panels)
    sum = tf.tidy(() => {
      const part = panels.length === 1 ? g : tf.slice(g, [0, from], [rows, to - from]);
      const panel = storedRows(matrix, from, to);
      return sum ? addProduct(sum, part, panel, {}) : tf.matMul(part, panel);
    });
  return sum ?? tf.zeros([rows, K]);
}
