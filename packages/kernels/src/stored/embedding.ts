/** Rows of a stored table by number. */
import type { StoredMatrix } from '@svo/files';
import { type Tensor, tf } from '@svo/tensor';
import { runStored } from '../kernel-calls.ts';
import { panelRows, panelsOf, storedRows } from './rows.ts';

/** table[ids], `[N, D]`. The table gets no gradient. */
export function storedEmbedding(table: StoredMatrix, ids: Tensor): Tensor {
  const [rows] = runStored('SvoStoredEmbedding', { ids }, table);
  if (rows) return rows;
  // On a GPU the ids lie where the host cannot wait for them.
  return tf.getBackend() === 'webgpu' ? gathered(table, ids) : read(table, ids);
}

function read(table: StoredMatrix, ids: Tensor): Tensor {
  const [V, D] = table.shape;
  const values = new Float32Array(ids.size * D);
  for (const [n, id] of (ids.dataSync() as Int32Array).entries()) {
    if (id < 0 || id >= V) throw new RangeError(`embedding: ids[${n}] must lie in 0 … ${V - 1}, got ${id}`);
    table.rows(id, id + 1, values.subarray(n * D, (n + 1) * D));
  }
  return tf.tensor2d(values, [ids.size, D]);
}

/** Panel by panel: every id is in one of them. */
function gathered(table: StoredMatrix, ids: Tensor): Tensor {
  const [V, D] = table.shape;
  return tf.tidy(() => {
    let sum: Tensor = tf.zeros([ids.size, D]);
    for (const [from, to] of panelsOf(V, panelRows(D)))
      sum = tf.tidy(() => {
        const bound = (id: number): Tensor => tf.scalar(id, 'int32');
        const here = tf.logicalAnd(tf.greaterEqual(ids, bound(from)), tf.less(ids, bound(to)));
        const places = tf.mul(tf.sub(ids, bound(from)), tf.cast(here, 'int32'));
        const rows = tf.gather(storedRows(table, from, to), places as tf.Tensor1D);
        return tf.add(sum, tf.mul(rows, tf.reshape(tf.cast(here, 'float32'), [-1, 1])));
      });
    return sum;
  });
}
