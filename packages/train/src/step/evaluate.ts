import { assertOptions } from '@svo/mdp';
import { type Tensor, tf } from '@svo/tensor';
import type { Params } from '../types.ts';
import { uploadBatch } from './batch.ts';
import type { LossFunction } from './train-step.ts';
import { type Weighed, weightedMeans } from './weighted-means.ts';

/**
 * Loss and metrics over a whole data set, without gradients: Σ count·value / Σ count, so that a short last batch weighs what
 * it holds and no more. A metric that a batch lacks, or for which it says NaN, is averaged over those that have it.
 * @param options `count`: what the loss averages over, as for `trainStep` (default: 1 a batch)
 * @throws RangeError when there is no batch.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { evaluate } from '@svo/train';
 * const loss = (params: object, { x }: { x: number }) => tf.scalar(x);
 * await evaluate(loss, {}, [{ x: 1 }, { x: 4 }], { count: ({ x }) => x }); // => { loss: 3.4 }
 * ```
 */
export async function evaluate<B extends object>(
  loss: LossFunction<B>,
  params: Params,
  batches: Iterable<B> | AsyncIterable<B>,
  options: { readonly count?: (batch: B) => number } = {},
): Promise<{ readonly loss: number; readonly [metric: string]: number }> {
  assertOptions('evaluate', options, ['count']);
  const { count = () => 1 } = options;
  const weighed: Weighed[] = [];
  for await (const batch of batches) {
    const weight = count(batch);
    for (const [name, value] of Object.entries(await lossOf(loss, params, batch, weight)))
      weighed.push({ name, value, weight });
  }
  if (weighed.length === 0) throw new RangeError('evaluate: batches must hold at least one, got none');
  return weightedMeans(weighed) as { loss: number };
}

async function lossOf<B extends object>(
  loss: LossFunction<B>,
  params: Params,
  batch: B,
  normalizer: number,
): Promise<Record<string, number>> {
  const { uploaded, dispose } = uploadBatch(batch);
  const scalars = tf.tidy(() => {
    const result = loss(params, uploaded, { step: 0, host: batch, normalizer });
    return (result instanceof tf.Tensor ? { loss: result } : { ...result }) as Record<string, Tensor>;
  }) as Record<string, Tensor | number>;
  dispose();
  const entries = Object.entries(scalars).map(async ([name, value]) => {
    if (typeof value === 'number') return [name, value] as const;
    const [number = Number.NaN] = await value.data();
    value.dispose();
    return [name, number] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
