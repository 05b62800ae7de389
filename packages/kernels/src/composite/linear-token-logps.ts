import { customGradient, type Tensor, tf } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { targetLogpsComposite } from '../operations/target-logps.ts';
import { workingSizes } from '../working-sizes.ts';

/** targetLogps(x weightᵀ, targets), block of rows by block of rows, computed again for the gradient, on every backend. */
export function linearTokenLogpsComposite(x: Tensor, weight: Tensor, targets: Tensor): Tensor {
  const [rows, width] = x.shape as [number, number];
  const vocabulary = weight.shape[0]!;
  const blockRows = Math.max(1, Math.floor(workingSizes.logits / vocabulary));
  const starts = Array.from({ length: Math.ceil(rows / blockRows) }, (_, i) => i * blockRows);
  const count = (start: number): number => Math.min(blockRows, rows - start);

  return customGradient([x, weight], ([hidden, head], save) => {
    save([hidden!, head!, targets]);
    const blocks = starts.map((start) =>
      tf.tidy(() => {
        const block = tf.slice(hidden!, [start, 0], [count(start), width]);
        return blockLogps(tf.matMul(block, head!, false, true), tf.slice(targets, [start], [count(start)]));
      }),
    );
    return {
      value: tf.concat(blocks),
      gradFunc(dy, saved, [, headWanted]) {
        const [savedX, savedWeight, savedTargets] = saved as [Tensor, Tensor, Tensor];
        const forX: Tensor[] = [];
        let forWeight = headWanted ? tf.zerosLike(savedWeight) : undefined;
        for (const start of starts) {
          const [dx, dw] = tf.tidy(() => {
            const block = tf.slice(savedX, [start, 0], [count(start), width]);
            const logits = tf.matMul(block, savedWeight, false, true);
            const ids = tf.slice(savedTargets, [start], [count(start)]);
            const dLogits = blockGradient(logits, ids, tf.slice(dy, [start], [count(start)]));
            const sum = forWeight && tf.add(forWeight, tf.matMul(dLogits, block, true));
            return [tf.matMul(dLogits, savedWeight), ...(sum ? [sum] : [])] as [Tensor, Tensor?];
          });
          forX.push(dx);
          forWeight?.dispose();
          forWeight = dw;
        }
        return [tf.concat(forX), forWeight];
      },
    };
  });
}

/** Values of one block, by the backend's kernel where it has one; no tape is running here. */
function blockLogps(logits: Tensor, targets: Tensor): Tensor {
  if (hasKernel('SvoTokenLogps')) return runKernel('SvoTokenLogps', { logits, targets })[0]!;
  return targetLogpsComposite(logits, targets);
}

/** dy · (onehot − softmax) of one block. */
function blockGradient(logits: Tensor, targets: Tensor, dy: Tensor): Tensor {
  if (hasKernel('SvoTokenLogpsGradient')) {
    const logSums = runKernel('SvoTokenLogps', { logits, targets })[1]!;
    return runKernel('SvoTokenLogpsGradient', { dy, logits, targets, logSums })[0]!;
  }
  const columns = tf.range(0, logits.shape[1]!, 1, 'int32');
  const picked = tf.cast(tf.equal(tf.reshape(targets, [-1, 1]), columns), 'float32');
  return tf.mul(tf.reshape(dy, [-1, 1]), tf.sub(picked, tf.softmax(logits)));
}
