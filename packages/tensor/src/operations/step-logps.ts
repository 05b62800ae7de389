import { runsOnHost } from '../backend/placement.ts';
import { customGradient } from '../gradients/custom-gradient.ts';
import { assertShapes } from '../shapes/assert-shapes.ts';
import { type Tensor, tf } from '../tf.ts';

/**
 * log π(a_k | s_k) = Σ logps over the tokens of step k: a segment sum, not one expansion of the logits a step, so memory
 * is O(tokens) however many steps there are. Its gradient is a gather: every token of step k receives dy[b, k].
 *
 * @param logps - [B, T], nats, from `tokenLogps`
 * @param stepIds - [B, T] int32: the step of each token, −1 for tokens in none (prompt, delimiter, padding); what those
 *   hold, NaN included, has no effect
 * @param steps - S, the number of columns of the result
 * @returns [B, S], nats; 0 for a step without tokens
 * @throws ShapeError when the shapes differ; RangeError when an id is ≥ S (checked where reading it costs nothing: on
 *   cpu, wasm and tensorflow; on a GPU such a token is left out)
 * @example
 * ```ts
 * import { stepLogps, tf } from '@svo/tensor';
 * const ids = tf.tensor2d([[-1, 0, 0, 1]], [1, 4], 'int32');
 * stepLogps(tf.tensor2d([[0, -1, -2, -4]]), ids, 2).arraySync(); // => [[-3, -4]]
 * ```
 */
export function stepLogps(logps: Tensor, stepIds: Tensor, steps: number): Tensor {
  const { B, T } = assertShapes('stepLogps', { logps: [logps, 'B T'], stepIds: [stepIds, 'B T'] });
  if (!Number.isInteger(steps) || steps < 0)
    throw new RangeError(`stepLogps: steps must be an integer ≥ 0, got ${steps}`);
  return runsOnHost() ? onHost(logps, stepIds, B, T, steps) : onDevice(logps, stepIds, B, T, steps);
}

/** Sums in float64, straight from the arrays. */
function onHost(logps: Tensor, stepIds: Tensor, B: number, T: number, steps: number): Tensor {
  const segments = Int32Array.from(stepIds.dataSync());
  const tooFar = segments.findIndex((step) => step >= steps);
  if (tooFar >= 0) {
    throw new RangeError(
      `stepLogps: stepIds must be < steps = ${steps}, got ${segments[tooFar]} at [${Math.floor(tooFar / T)}, ${tooFar % T}]`,
    );
  }
  return customGradient([logps], ([input]) => {
    const tokens = input.dataSync();
    const sums = new Float64Array(B * steps);
    for (let i = 0; i < B * T; i++)
      if (segments[i]! >= 0) sums[Math.floor(i / T) * steps + segments[i]!]! += tokens[i]!;
    const gradFunc = (dy: Tensor): Tensor[] => {
      const upstream = dy.dataSync();
      const gathered = new Float32Array(B * T);
      for (let i = 0; i < B * T; i++)
        if (segments[i]! >= 0) gathered[i] = upstream[Math.floor(i / T) * steps + segments[i]!]!;
      return [tf.tensor(gathered, [B, T])];
    };
    return { value: tf.tensor(Float32Array.from(sums), [B, steps]), gradFunc };
  });
}

/** Tokens of no step go to one extra segment, which is cut off. */
function onDevice(logps: Tensor, stepIds: Tensor, B: number, T: number, steps: number): Tensor {
  const outside = B * steps;
  return customGradient([logps], ([input], save) => {
    const valid = tf.logicalAnd(tf.greaterEqual(stepIds, 0), tf.less(stepIds, steps));
    const row = tf.mul(tf.reshape(tf.range(0, B, 1, 'int32'), [B, 1]), tf.scalar(steps, 'int32'));
    const flat = tf.where(valid, tf.add(row, stepIds), tf.fill([B, T], outside, 'int32'));
    const segment = tf.reshape(tf.cast(flat, 'int32'), [B * T]) as tf.Tensor1D;
    save([segment]);
    const tokens = tf.where(valid, input, tf.zeros([B, T]));
    const sums = tf.unsortedSegmentSum(tf.reshape(tokens, [B * T]), segment, outside + 1);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const padded = tf.concat([tf.reshape(dy, [outside]), tf.zeros([1])]);
      return [tf.reshape(tf.gather(padded, saved[0] as tf.Tensor1D), [B, T])];
    };
    return { value: tf.reshape(tf.slice(sums, 0, outside), [B, steps]), gradFunc };
  });
}
