import { type Tensor, tf } from '@svo/tensor';
import { tokenLogpsComposite } from './token-logps.ts';

/** Floats of logits held at once: 16 MiB. */
const blockSize = 1 << 22;

/** tokenLogps(x weightᵀ, targets), block of rows by block of rows, computed again for the gradient: any backend. */
export function linearTokenLogpsComposite(x: Tensor, weight: Tensor, targets: Tensor): Tensor {
  const [rows, width] = x.shape as [number, number];
  const vocabulary = weight.shape[0]!;
  const blockRows = Math.max(1, Math.floor(blockSize / vocabulary));
  const starts = Array.from({ length: Math.ceil(rows / blockRows) }, (_, i) => i * blockRows);
  const count = (start: number): number => Math.min(blockRows, rows - start);

  return tf.customGrad((hidden, head, save) => {
    (save as tf.GradSaveFunc)([hidden as Tensor, head as Tensor, targets]);
    const blocks = starts.map((start) =>
      tf.tidy(() => {
        const block = tf.slice(hidden as Tensor, [start, 0], [count(start), width]);
        return tokenLogpsComposite(
          tf.matMul(block, head as Tensor, false, true),
          tf.slice(targets, [start], [count(start)]),
        );
      }),
    );
    return {
      value: tf.concat(blocks),
      gradFunc: (dy: Tensor, [savedX, savedWeight, savedTargets]: Tensor[]) => {
        const forX: Tensor[] = [];
        let forWeight = tf.zerosLike(savedWeight!);
        for (const start of starts) {
          const [dx, dw] = tf.tidy(() => {
            const block = tf.slice(savedX!, [start, 0], [count(start), width]);
            const probabilities = tf.softmax(tf.matMul(block, savedWeight!, false, true));
            const column = tf.reshape(tf.slice(savedTargets!, [start], [count(start)]), [-1, 1]);
            const picked = tf.cast(tf.equal(column, tf.range(0, vocabulary, 1, 'int32')), 'float32');
            const upstream = tf.reshape(tf.slice(dy, [start], [count(start)]), [-1, 1]);
            const dLogits = tf.mul(upstream, tf.sub(picked, probabilities));
            return [tf.matMul(dLogits, savedWeight!), tf.add(forWeight, tf.matMul(dLogits, block, true))] as [
              Tensor,
              Tensor,
            ];
          });
          forX.push(dx);
          forWeight.dispose();
          forWeight = dw;
        }
        return [tf.concat(forX), forWeight];
      },
    };
  })(x, weight);
}
