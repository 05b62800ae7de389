/** Log-probabilities through a head that stays as it is stored: its logits exist for one panel of the vocabulary at a time. */
import type { StoredMatrix } from '@svo/files';
import { customGradient, type Tensor, tf } from '@svo/tensor';
import { addProduct } from '../add-product.ts';
import { hasKernel, runKernel, runStored } from '../kernel-calls.ts';
import { workingSizes } from '../working-sizes.ts';
import { panelRows, panelsOf, storedRows } from './rows.ts';

type Range = readonly [from: number, to: number];
const panelsIn = ({ shape: [V, K] }: StoredMatrix): Range[] =>
  panelsOf(V, Math.min(workingSizes.panelTokens, panelRows(K)));

/** Has the backend kernels that work on a panel's logits as they are? (TensorFlow's pass on something else than the sums.) */
const fused = (): boolean => tf.getBackend() === 'wasm' && hasKernel('SvoTokenLogps');

/** Each row's target as a column of the panel, −1 where it is none. */
const columnsOf = (targets: Tensor, [from, to]: Range): Tensor =>
  tf.where(
    tf.logicalAnd(tf.greaterEqual(targets, tf.scalar(from, 'int32')), tf.less(targets, tf.scalar(to, 'int32'))),
    tf.sub(targets, tf.scalar(from, 'int32')),
    tf.fill(targets.shape, -1, 'int32'),
  );

/** ln Σ exp(logits) of each row. */
function logSumsOf(logits: Tensor): Tensor {
  if (!fused()) return tf.logSumExp(logits, 1);
  return runKernel('SvoTokenLogps', { logits, targets: tf.zeros([logits.shape[0]!], 'int32') })[1]!;
}

/** dy · (onehot − exp(logits − logSums)) of a panel's columns. */
function slopesOf(dy: Tensor, logits: Tensor, columns: Tensor, logSums: Tensor): Tensor {
  if (fused()) return runKernel('SvoTokenLogpsGradient', { dy, logits, targets: columns, logSums })[0]!;
  const column = (values: Tensor): Tensor => tf.reshape(values, [-1, 1]);
  const chances = tf.exp(tf.sub(logits, column(logSums)));
  const picked = tf.cast(tf.equal(column(columns), tf.range(0, logits.shape[1]!, 1, 'int32')), 'float32');
  return tf.mul(column(dy), tf.sub(picked, chances));
}

/** A panel's share of log softmax: the sums over its columns, and the logits of the targets among them, 0 for the others. */
function share(x: Tensor, matrix: StoredMatrix, targets: Tensor, range: Range): { sums: Tensor; wanted: Tensor } {
  return tf.tidy(() => {
    const logits = tf.matMul(x, storedRows(matrix, ...range), false, true);
    const [rows, width] = logits.shape as [number, number];
    const columns = columnsOf(targets, range);
    const places = tf.add(
      tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(width, 'int32')),
      tf.maximum(columns, tf.scalar(0, 'int32')),
    );
    const picked = tf.gather(tf.reshape(logits, [-1]), places as tf.Tensor1D);
    const here = tf.greaterEqual(columns, tf.scalar(0, 'int32'));
    return { sums: logSumsOf(logits), wanted: tf.where(here, picked, tf.zerosLike(picked)) };
  });
}

/** log softmax(x Wᵀ) at the targets, `[N]`: sums over the vocabulary are joined panel by panel, ln Σ exp of the panels' own. */
export function storedTokenLogps(x: Tensor, matrix: StoredMatrix, targets: Tensor): Tensor {
  return customGradient([x], ([hidden], save) => {
    const [logps, sums] = runStored('SvoStoredTokenLogps', { x: hidden!, targets }, matrix);
    if (logps && sums) {
      save([hidden!, targets, sums]);
      return { value: logps, gradFunc: (dy, saved) => kernelGradient(dy, saved as Saved, matrix) };
    }
    const shares = panelsIn(matrix).map((range) => share(hidden!, matrix, targets, range));
    const logSums = tf.logSumExp(tf.stack(shares.map(({ sums }) => sums)), 0);
    save([hidden!, targets, logSums]);
    return {
      value: tf.sub(tf.addN(shares.map(({ wanted }) => wanted)), logSums),
      gradFunc: (dy, saved) => [gradient(dy, saved as Saved, matrix)],
    };
  });
}

type Saved = [x: Tensor, targets: Tensor, logSums: Tensor];

const kernelGradient = (dy: Tensor, [x, targets, logSums]: Saved, matrix: StoredMatrix): Tensor[] =>
  runStored('SvoStoredTokenLogpsGradient', { dy, x, targets, logSums }, matrix);

/** Σ over panels of dy · (onehot − softmax) · W; each panel's logits are computed again. */
function gradient(dy: Tensor, [x, targets, logSums]: Saved, matrix: StoredMatrix): Tensor {
  let sum: Tensor = tf.zerosLike(x);
  for (const range of panelsIn(matrix))
    sum = tf.tidy(() => {
      const panel = storedRows(matrix, ...range);
      const slopes = tf.tidy(() => slopesOf(dy, tf.matMul(x, panel, false, true), columnsOf(targets, range), logSums));
      return addProduct(sum, slopes, panel, {});
    });
  return sum;
}
