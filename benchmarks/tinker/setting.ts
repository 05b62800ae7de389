/** What the real-server runs share: rows, their steps and credits, and the DVO loss over them. */
import { dvoLoss } from '@svo/losses';
import { stepLogps, type Tensor, tf } from '@svo/tensor';

export const rows = [
  [1, 5, 9, 3, 7, 8],
  [1, 5, 9, 4],
  [2, 8, 8, 3, 1],
  [3, 4, 11, 12, 13, 14, 2],
];
/** The first token is the prompt; steps are of two tokens. */
export const stepIds = rows.map((row) => row.map((_, t) => (t === 0 ? -1 : (t - 1) >> 1)));
export const credits = rows.map((row, i) => Array.from({ length: row.length >> 1 }, (_, s) => Math.sin(3 * i + s)));
export const beta = 0.1;
export const adam = { learningRate: 2e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
export const [rank, seed] = [8, 1];

/** DVO against log-probs of before, [B, T] → scalar. */
export function dvoAgainst(reference: readonly Float32Array[]): (tokenLogps: Tensor) => tf.Scalar {
  const width = Math.max(...rows.map(({ length }) => length));
  const grid = <T>(values: readonly (readonly T[])[], of: number, none: T): T[][] =>
    values.map((row) => Array.from({ length: of }, (_, i) => row[i] ?? none));
  const steps = width >> 1;
  const ids = grid(stepIds, width, -1);
  return (tokenLogps) => {
    const marks = tf.tensor2d(ids, undefined, 'int32');
    const before = tf.tensor2d(
      grid(
        reference.map((row) => Array.from(row)),
        width,
        0,
      ),
    );
    return dvoLoss(
      {
        policyLogps: stepLogps(tokenLogps, marks, steps),
        referenceLogps: stepLogps(before, marks, steps),
        credits: tf.tensor2d(grid(credits, steps, 0)),
        mask: tf.tensor2d(
          grid(
            credits.map((row) => row.map(() => 1)),
            steps,
            0,
          ),
        ),
      },
      { beta },
    );
  };
}
