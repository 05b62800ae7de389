/** The frozen reference's log-probs: computed once, carried with the examples. */
import { type Batch, batches, type Example } from '@svo/data';
import type { Params } from '@svo/models';
import { stepLogps, tf } from '@svo/tensor';
import type { FrozenModel, Material } from '../plan.ts';

const rowsTogether = 64;

type Grid = Batch['stepIds'];

/** `examples` with log π_ref of every step, in nats: from the material's cache where it has one. */
export async function withReference(
  { learner, reference, referenceCache }: Pick<Material, 'learner' | 'reference' | 'referenceCache'>,
  examples: readonly Example[],
): Promise<Example[]> {
  const compute = (missing: readonly Example[]) =>
    isFrozen(reference) ? remoteSteps(learner, reference, missing) : stepReference(learner, reference, missing);
  if (referenceCache) return (await referenceCache.fill(examples, compute, { batchSize: rowsTogether })).examples;
  const logps = await compute(examples);
  return examples.map((example, i) => ({ ...example, referenceLogps: logps[i]! }));
}

type Policy = Material['learner'];

/** Whether a reference is a model on a server. */
export const isFrozen = (reference: Material['reference']): reference is FrozenModel =>
  typeof reference.logps === 'function';

/** log π_ref of each example's tokens, by a frozen model. @throws RangeError when it is the model that is trained */
export async function remoteLogps(
  { lm }: Policy,
  reference: FrozenModel,
  rows: readonly (readonly number[])[],
): Promise<readonly ArrayLike<number>[]> {
  if ((reference as unknown) === lm)
    throw new RangeError(
      'reference must stay as it is, got the model that is trained; take another model of the same base, or a sampler of its saved weights',
    );
  return rows.length === 0 ? [] : reference.logps(rows);
}

async function remoteSteps(
  learner: Policy,
  reference: FrozenModel,
  examples: readonly Example[],
): Promise<readonly (readonly number[])[]> {
  const rows = examples.map(({ ids }) => ids);
  const logps = await remoteLogps(learner, reference, rows);
  return examples.map(({ stepIds, credits }, row) => {
    const sums = credits.map(() => 0);
    // As in a batch, a row's first token is never scored.
    for (const [t, step] of stepIds.entries()) if (t > 0 && step >= 0) sums[step]! += logps[row]![t]!;
    return sums;
  });
}

/** log π_ref of each step of each example. */
async function stepReference(
  learner: Policy,
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

/** A grid of numbers on the host. */
interface HostGrid {
  readonly data: Float32Array;
  readonly shape: number[];
}

/** What gives log π_ref of every scored token of a batch of these examples, [B, T]. A frozen model is asked once, about all of them. */
export async function tokenReferences(
  { learner, reference }: Pick<Material, 'learner' | 'reference'>,
  examples: readonly Example[],
): Promise<(batch: Batch & { readonly rows: readonly number[] }) => HostGrid> {
  if (!isFrozen(reference)) return (batch) => tokenReference(learner, reference, batch);
  const logps = await remoteLogps(
    learner,
    reference,
    examples.map(({ ids }) => ids),
  );
  return ({ stepIds: { data: steps, shape }, rows }) => {
    const width = shape[1]!;
    const at = (i: number): number => logps[rows[Math.floor(i / width)]!]![i % width]!;
    return { data: Float32Array.from(steps, (step, i) => (step < 0 ? 0 : at(i))), shape: [...shape] };
  };
}

/** log π_ref of every scored token of a batch, [B, T]. */
function tokenReference(learner: Policy, reference: Params, { ids, stepIds }: Batch): HostGrid {
  const logps = tf.tidy(() => referenceLogps(learner, reference, ids, stepIds));
  const data = logps.dataSync() as Float32Array;
  logps.dispose();
  return { data, shape: [...ids.shape] };
}

const upload = ({ data, shape }: Grid): tf.Tensor => tf.tensor2d(data, shape as [number, number], 'int32');

const referenceLogps = ({ lm }: Policy, reference: Params, ids: Grid, stepIds: Grid): tf.Tensor =>
  lm.tokenLogps(reference, upload(ids), { scored: stepIds });
