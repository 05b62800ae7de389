/** A server's reference on mismatched pairs. */
import type { UnpairedBatch } from '@svo/data';
import type { FrozenModel, Material } from '../plan.ts';
import { remoteLogps } from '../shared/reference.ts';

/** log π_ref of every mismatched pair [B] of a batch, all that this training will hold asked for at once. */
export async function remoteDrift(
  learner: Material['learner'],
  reference: FrozenModel,
  batches: Iterable<UnpairedBatch>,
  updates: number,
): Promise<(batch: UnpairedBatch) => UnpairedBatch['labels']> {
  const found = new Map<string, Pair>();
  let seen = 0;
  for (const batch of batches) {
    if (seen++ >= updates) break;
    for (const pair of pairsOf(batch)) found.set(pair.key, pair);
  }
  const pairs = [...found.values()];
  const rows = pairs.map(({ ids }) => ids);
  const logps = await remoteLogps(learner, reference, rows);
  const sums = new Map(
    pairs.map(({ key, scored }, i) => [key, scored.reduce((sum, t) => sum + logps[i]![t]!, 0)] as const),
  );
  return (batch) => ({
    data: Float32Array.from(pairsOf(batch), ({ key }) => sums.get(key) ?? Number.NaN),
    shape: [batch.klIds.shape[0]!],
  });
}

interface Pair {
  readonly ids: readonly number[];
  /** Which of its tokens are scored. */
  readonly scored: readonly number[];
  readonly key: string;
}

/** A batch's mismatched pairs without their padding. */
function pairsOf({ klIds, klStepIds }: UnpairedBatch): readonly Pair[] {
  const [rows, width] = klIds.shape as [number, number];
  return Array.from({ length: rows }, (_, row) => {
    const steps = klStepIds.data.subarray(row * width, (row + 1) * width);
    let end = width;
    while (end > 2 && steps[end - 1]! < 0) end--;
    const ids = Array.from(klIds.data.subarray(row * width, row * width + end));
    const scored = ids.flatMap((_, t) => (t > 0 && steps[t]! >= 0 ? [t] : []));
    return { ids, scored, key: `${ids.join()};${scored.join()}` };
  });
}
