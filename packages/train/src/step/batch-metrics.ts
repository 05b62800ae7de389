/** Tokens in a batch. */
export interface TokenCount {
  readonly real: number;
  readonly padded: number;
}

/** What a batch of `@svo/data` may carry for the report; each is used only where it is there. */
interface KnownFields {
  readonly ids?: { readonly shape?: readonly number[] };
  readonly mask?: { readonly data?: ArrayLike<number>; readonly shape?: readonly number[] };
  readonly lengths?: readonly number[];
  readonly droppedSteps?: readonly number[];
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

/**
 * TRL's `epoch` (a fraction) after a window of micro-batches, the mean number of scored steps in an example, and the share of
 * the steps that truncation cut off. A pair's side or a labelled completion is one step.
 */
export function batchMetrics(window: readonly object[]): Record<string, number> {
  const batches: readonly KnownFields[] = window;
  const metrics: Record<string, number> = {};
  const { epoch, batch: index, batchSize, examples } = batches.at(-1)?.cursor ?? {};
  if (epoch !== undefined && index !== undefined && batchSize && examples)
    metrics.epoch = epoch + Math.min(1, (index * batchSize) / examples);
  const rows = total(batches, ({ mask }) => (mask?.data && mask.shape?.length === 2 ? mask.shape[0]! : 0));
  const steps = total(batches, ({ mask }) => (mask?.data ? sum(mask.data) : 0));
  if (rows > 0) metrics['steps/per_example'] = steps / rows;
  if (batches.some(({ droppedSteps }) => droppedSteps)) {
    const dropped = total(batches, ({ droppedSteps = [] }) => sum(droppedSteps));
    const kept = rows > 0 ? steps : total(batches, ({ droppedSteps = [] }) => droppedSteps.length);
    metrics['truncated/fraction'] = dropped / (dropped + kept);
  }
  return metrics;
}

const total = (batches: readonly KnownFields[], count: (batch: KnownFields) => number): number =>
  batches.reduce((all, batch) => all + count(batch), 0);

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
