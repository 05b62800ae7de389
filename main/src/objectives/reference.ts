/** The frozen reference's step log-probs, computed once and carried with the examples. */
import { batches, type Example } from '@svo/data';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { Learner } from '../learner.ts';

const rowsTogether = 64;

/** `examples` with log π_ref of every step, in nats. */
export async function withReference(learner: Learner, reference: Params, examples: readonly Example[]): Promise<Example[]> {
  const done: Example[] = [];
  const options = { batchSize: rowsTogether, seed: 0, shuffled: false, padId: learner.tokenizer.padId, multipleOf: 4 };
  for (const { ids, stepIds, mask, rows } of batches(examples, options)) {
    const scores = tf.tidy(() => {
      const idsTensor = tf.tensor2d(ids.data, ids.shape as [number, number], 'int32');
      const logps = learner.lm.tokenLogps(reference, idsTensor, { scored: stepIds });
      return stepLogps(logps, tf.tensor2d(stepIds.data, stepIds.shape as [number, number], 'int32'), mask.shape[1]!);
    });
    const values = await scores.data();
    const width = mask.shape[1]!;
    rows.forEach((row, i) => {
      const example = examples[row]!;
      done.push({ ...example, referenceLogps: Array.from(values.subarray(i * width, i * width + example.credits.length)) });
    });
    scores.dispose();
  }
  return done;
}
