/** The frozen reference's log-probs: computed once, carried with the examples. */
import { type Batch, batches, type Example } from '@svo/data';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { Learner, Material } from '../plan.ts';

const rowsTogether = 64;

type Grid = Batch['stepIds'];

/** `examples` with log π_ref of every step, in nats: from the material's cache where it has one. */
export async function withReference(
  { learner, reference, referenceCache }: Pick<Material, 'learner' | 'reference' | 'referenceCache'>,
  examples: readonly Example[],
): Promise<Example[]> {
  const compute = (missing: readonly Example[]) => stepReference(learner, reference, missing);
  if (referenceCache) return (await referenceCache.fill(examples, compute, { batchSize: rowsTogether })).examples;
  const logps = await compute(examples);
  return examples.map((example, i) => ({ ...example, referenceLogps: logps[i]! }));
}

/** log π_ref of each step of each example. */
async function stepReference(
  learner: Learner,
  reference: Params,
  examples: readonly Example[],
): Promise<readonly (readonly number[])[]> {
  if (examples.length === 0) return [];
  const done: number[][] = [];
  const options = { batchSize: rowsTogether, seed: 0, shuffled: false, padId: learner.tokenizer.padId, multipleOf: 4 };
  for (const { ids, stepIds, mask, rows } of batches(examples, options)) {
    const width = mask.shape[1]!;
    const scores = tf.tidy(() => stepLogps(referenceLogps(learner, reference, ids, stepIds), upload(stepIds), width));
    const values = await scores.data();
    scores.dispose();
    rows.forEach((row, i) => {
      done.push(Array.from(values.subarray(i * width, i * width + examples[row]!.credits.length)));
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
