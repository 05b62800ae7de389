import type { TokenCount } from './train-step.ts';

/** What a batch of `@svo/data` may carry for the report; each is used only where it is there. */
interface KnownFields {
  readonly ids?: { readonly shape?: readonly number[] };
  readonly mask?: { readonly data?: ArrayLike<number>; readonly shape?: readonly number[] };
  readonly lengths?: readonly number[];
  readonly rows?: readonly number[];
  readonly cursor?: {
    readonly epoch?: number;
    readonly batch?: number;
    readonly batchSize?: number;
    readonly examples?: number;
  };
}

/** Names of the rows, for error messages: their indices in the data. */
export function rowsOf(batch: object): readonly string[] {
  return ((batch as KnownFields).rows ?? []).map(String);
}

/** Real and padded tokens: by the rows' lengths where they are given, else every token counts as real. */
export function tokensOf(batch: object): TokenCount {
  const { ids, lengths } = batch as KnownFields;
  const padded = ids?.shape?.reduce((product, size) => product * size, 1) ?? 0;
  return { padded, real: lengths?.reduce((sum, length) => sum + length, 0) ?? padded };
}

/** TRL's `epoch` (a fraction), and the mean number of scored steps in a row. */
export function batchMetrics(batch: object): Record<string, number> {
  const { cursor, mask } = batch as KnownFields;
  const metrics: Record<string, number> = {};
  const { epoch, batch: index, batchSize, examples } = cursor ?? {};
  if (epoch !== undefined && index !== undefined && batchSize && examples)
    metrics.epoch = epoch + Math.min(1, (index * batchSize) / examples);
  if (mask?.data && mask.shape?.length === 2) metrics['steps/per_example'] = sum(mask.data) / mask.shape[0];
  return metrics;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
