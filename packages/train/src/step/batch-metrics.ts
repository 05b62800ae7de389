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

/** What {@link batchReport} is told beside the batches. */
export interface BatchReportOptions<B> {
  /** Tokens trained on before this window. */
  readonly before: number;
  /** How long the step took. */
  readonly seconds: number;
  /** Tokens in a batch; by default from `batch.lengths` and the shape of `batch.ids`. */
  readonly tokens?: (batch: B) => TokenCount;
}

/**
 * What the batches of a window say of it by themselves, whatever loss and optimizer are: TRL's `epoch`, scored steps per example, the share of steps
 * that truncation cut off, and where there are tokens `num_tokens` so far, the share of padding, and tokens per second. For a `TrainStep`
 * of one's own, whose next state has `tokens`.
 * @example
 * ```ts
 * import { batchReport } from '@svo/train';
 * const batch = { ids: { data: new Int32Array(8), shape: [2, 4] }, lengths: [4, 2] };
 * const { tokens, report } = batchReport([batch], { before: 10, seconds: 2 });
 * [tokens, report['padding/fraction'], report['perf/tokens_per_second']]; // => [16, 0.25, 3]
 * ```
 */
export function batchReport<B extends object>(
  window: readonly B[],
  { before, seconds, tokens = tokensOf }: BatchReportOptions<B>,
): { readonly tokens: number; readonly report: Readonly<Record<string, number>> } {
  const counted = window.map(tokens);
  const real = counted.reduce((sum, count) => sum + count.real, 0);
  const padded = counted.reduce((sum, count) => sum + count.padded, 0);
  const report = {
    ...batchMetrics(window),
    ...(padded > 0 && {
      num_tokens: before + real,
      'padding/fraction': 1 - real / padded,
      'perf/tokens_per_second': real / seconds,
      'perf/padded_tokens_per_second': padded / seconds,
    }),
  };
  return { tokens: before + real, report };
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
