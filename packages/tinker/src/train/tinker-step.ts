import { assertOptions } from '@svo/mdp';
import { type Tensor, tf, upload, valueAndGrads } from '@svo/tensor';
import type { DeviceBatch, LossContext, LossResult, Schedule, TrainStep } from '@svo/train';
import type { AdamStep } from '../model/adam.ts';
import type { TokenRow } from '../model/datum.ts';
import type { TinkerModel } from '../model/model.ts';
import { cut, padded } from '../model/rows.ts';

/** What is used of a batch of `@svo/data`. */
export interface TokenBatch {
  /** Token ids [B, T]. */
  readonly ids: { readonly data: Int32Array; readonly shape: readonly number[] };
  /** Tokens of each row before padding. */
  readonly lengths: readonly number[];
}

/** A loss of a batch's token log-probs [B, T], as `lm.tokenLogps(params, batch.ids)` gives them. */
export type TokenLoss<B> = (tokenLogps: Tensor, batch: DeviceBatch<B>, context: LossContext<B>) => LossResult;

/** AdamW, with a rate that may follow a schedule. */
export interface TinkerStepOptions<B> extends Omit<AdamStep, 'learningRate'> {
  readonly learningRate: number | Schedule;
  /** As in `trainStep`: what a micro-batch adds to the window's normalizer. */
  readonly count?: (batch: B) => number;
}

/**
 * One update of a model on a server, as a `TrainStep` of `@svo/train`: `train` drives it, and so do its sinks, `withEvaluation`,
 * `stopAfter` and `withEarlyStop` (whose best weights are then those of the server's checkpoint at `early_stop/best_step`: a state's `params` are empty
 * here). A list of micro-batches is one update, whose losses add up as those of `trainStep` do.
 *
 * @throws RangeError when the loss or its gradient is no finite number: nothing is sent then
 * @example
 * ```ts
 * import { collate } from '@svo/data';
 * import { sftLoss } from '@svo/losses';
 * import { tf } from '@svo/tensor';
 * import { tinkerService, tinkerStart, tinkerStep } from '@svo/tinker';
 * import { localTinker } from '@svo/tinker/testing';
 * import { train } from '@svo/train';
 * const server = await localTinker();
 * const service = await tinkerService({ baseUrl: server.url });
 * const model = await service.createModel({ baseModel: server.baseModel, rank: 4 });
 * const batch = collate([{ ids: [5, 6, 7], stepIds: [-1, 0, 0], credits: [0], terminal: true }], { padId: 0 });
 * const step = tinkerStep<typeof batch>(
 *   model,
 *   (policyLogps, { stepIds }) => sftLoss({ policyLogps, mask: tf.greaterEqual(stepIds, 0) }),
 *   { learningRate: 1e-2 },
 * );
 * const losses = [];
 * for await (const { report } of train(tinkerStart(), [batch, batch], step)) losses.push(report.loss);
 * losses[1] < losses[0]; // => true
 * await service.close();
 * await server.close();
 * ```
 */
export function tinkerStep<B extends TokenBatch>(
  model: Pick<TinkerModel, 'gradientStep'>,
  loss: TokenLoss<B>,
  options: TinkerStepOptions<B>,
): TrainStep<B | readonly B[]> {
  assertOptions('tinkerStep', options, ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'count']);
  const { learningRate, count, ...rest } = options;
  const rateAt = typeof learningRate === 'number' ? () => learningRate : learningRate;
  return async (state, batch) => {
    const window: readonly B[] = Array.isArray(batch) ? (batch as readonly B[]) : [batch as B];
    if (window.length === 0) throw new RangeError('tinkerStep: batch must not be an empty list of micro-batches');
    if (window.length > 1 && !count)
      throw new RangeError(
        `tinkerStep: options.count is needed to accumulate ${window.length} micro-batches, got none`,
      );
    const counts = window.map((one) => count?.(one) ?? 1);
    const normalizer = count ? counts.reduce((sum, n) => sum + n, 0) : undefined;
    const rate = rateAt(state.step);
    const measured: Measured[] = [];
    const server = await model.gradientStep(
      window.flatMap(rowsOf),
      async (logps) => {
        let from = 0;
        for (const host of window) {
          const own = logps.slice(from, from + host.lengths.length);
          from += host.lengths.length;
          measured.push(await measure(loss, host, own, { step: state.step, host, normalizer }));
        }
        return measured.flatMap(({ gradients }) => gradients);
      },
      { ...rest, learningRate: rate },
    );
    const tokens = state.tokens + window.reduce((sum, { lengths }) => sum + total(lengths), 0);
    const { cursor = state.cursor } = window.at(-1) as { readonly cursor?: typeof state.cursor };
    const norm = Math.sqrt(
      total(measured.flatMap(({ gradients }) => gradients.map((row) => total(row.map((g) => g * g))))),
    );
    return {
      state: { ...state, step: state.step + 1, tokens, ...(cursor !== undefined && { cursor }) },
      report: {
        step: state.step + 1,
        loss: total(measured.map(({ metrics }) => metrics.loss!)),
        ...means(measured, counts),
        logp_grad_norm: norm,
        learning_rate: rate,
        num_tokens: tokens,
        ...Object.fromEntries(Object.entries(server).map(([name, value]) => [`server/${name}`, value])),
      },
    };
  };
}

interface Measured {
  readonly gradients: readonly Float32Array[];
  readonly metrics: Readonly<Record<string, number>>;
}

function rowsOf({ ids: { data, shape }, lengths }: TokenBatch): TokenRow[] {
  const width = shape[1]!;
  // The last entries are the padding's; a row keeps its own length.
  return lengths.map((length, row) => data.slice(row * width, row * width + length));
}

/** Loss, metrics and gradient of one micro-batch. */
async function measure<B extends TokenBatch>(
  loss: TokenLoss<B>,
  host: B,
  logps: readonly Float32Array[],
  context: LossContext<B>,
): Promise<Measured> {
  const width = host.ids.shape[1]!;
  const made: Readonly<Record<string, Tensor>> = upload(host);
  const input = padded(logps, width);
  const numbers: Record<string, number> = {};
  const run = ({ tokenLogps }: { tokenLogps: Tensor }): { loss: tf.Scalar } & Record<string, Tensor> => {
    const result = loss(tokenLogps, { ...host, ...made } as DeviceBatch<B>, context);
    if (result instanceof tf.Tensor) return { loss: result as tf.Scalar };
    const tensors = Object.entries(result).filter((entry): entry is [string, Tensor] => {
      if (typeof entry[1] === 'number') numbers[entry[0]] = entry[1];
      return typeof entry[1] !== 'number';
    });
    return Object.fromEntries(tensors) as { loss: tf.Scalar } & Record<string, Tensor>;
  };
  const { value, gradients, aux } = valueAndGrads(run, { tokenLogps: input });
  const names = ['loss', ...Object.keys(aux)];
  const read = await Promise.all([value, ...Object.values(aux)].map((tensor) => tensor.data()));
  const gradient = cut(await gradients.tokenLogps.data(), width, host.lengths);
  tf.dispose([input, value, gradients.tokenLogps, ...Object.values(aux), ...Object.values(made)]);
  for (const [i, name] of names.entries()) numbers[name] = read[i]![0]!;
  if (!Number.isFinite(numbers.loss))
    throw new RangeError(
      `tinkerStep: the loss must be finite, got ${numbers.loss} at step ${context.step}; nothing was sent`,
    );
  return { gradients: gradient, metrics: numbers };
}

/** Metrics but the loss, each averaged over the micro-batches that have it. */
function means(measured: readonly Measured[], counts: readonly number[]): Record<string, number> {
  const names = new Set(measured.flatMap(({ metrics }) => Object.keys(metrics)));
  names.delete('loss');
  return Object.fromEntries(
    [...names].map((name) => {
      const there = measured.flatMap(({ metrics }, i) =>
        metrics[name] === undefined || Number.isNaN(metrics[name]) ? [] : [[metrics[name], counts[i]!] as const],
      );
      return [name, total(there.map(([x, n]) => x * n)) / total(there.map(([, n]) => n))];
    }),
  );
}

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);
