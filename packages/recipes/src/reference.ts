/** The frozen reference's log-probs: computed once, carried with the examples. */
import { type Batch, batches, type Example } from '@svo/data';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { Learner } from './plan.ts';

const rowsTogether = 64;

type Grid = Batch['stepIds'];

/** `examples` with log π_ref of every step, in nats. */
export async function withReference(
  learner: Learner,
  reference: Params,
  examples: readonly Example[],
): Promise<Example[]> {
  if (examples.length === 0) return [];
  const done: Example[] = [];
  const options = { batchSize: rowsTogether, seed: 0, shuffled: false, padId: learner.tokenizer.padId, multipleOf: 4 };
  for (const { ids, stepIds, mask, rows } of batches(examples, options)) {
    const width = mask.shape[1]!;
    const scores = tf.tidy(() => stepLogps(referenceLogps(learner, reference, ids, stepIds), upload(stepIds), width));
    const values = await scores.data();
    scores.dispose();
    rows.forEach((row, i) => {
      const example = examples[row]!;
      done.push({
        ...example,
        referenceLogps: Array.from(values.subarray(i * width, i * width + example.credits.length)),
      });
    });
  }
  return done;
}

/** log π_ref of every scored token of a batch, [B, T]. */
export function tokenReference(
  learner: Learner,
  reference: Params,
  { ids, stepIds }: Batch,
): { data: Float32Array; shape: number[] } {
  const logps = tf.tidy(() => referenceLogps(learner, reference, ids, stepIds));
  const data = logps.dataSync() as Float32Array;
  logps.dispose();
  return { data, shape: [...ids.shape] };
}

const upload = ({ data, shape }: Grid): tf.Tensor => tf.tensor2d(data, shape as [number, number], 'int32');

const referenceLogps = ({ lm }: Learner, reference: Params, ids: Grid, stepIds: Grid): tf.Tensor =>
  lm.tokenLogps(reference, upload(ids), { scored: stepIds });
