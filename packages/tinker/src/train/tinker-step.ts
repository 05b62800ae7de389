import { assertOptions } from '@svo/mdp';
import { tf } from '@svo/tensor';
import {
  batchReport,
  disposeTensors,
  divergenceError,
  type LossFunction,
  type Optimizer,
  type Schedule,
  type TrainStep,
  weightedMeans,
} from '@svo/train';
import type { AdamStep } from '../model/adam.ts';
import type { TinkerModel } from '../model/model.ts';
import { type Measured, measure } from './measure.ts';
import { type Uploads, uploads } from './uploads.ts';

/** What is used of a batch of `@svo/data`. */
export interface TokenBatch {
  /** Token ids [B, T]. */
  readonly ids: { readonly data: Int32Array; readonly shape: readonly number[] };
  /** Tokens of each row before padding. */
  readonly lengths: readonly number[];
  /** Which rows of the data they are, for messages. */
  readonly rows?: readonly number[];
}

/** AdamW, with a rate that may follow a schedule. */
export interface TinkerStepOptions<B> extends Omit<AdamStep, 'learningRate'> {
  readonly learningRate: number | Schedule;
  /** As in `trainStep`: what a micro-batch adds to the window's normalizer. */
  readonly count?: (batch: B) => number;
  /** What updates the state's own parameters: a value network that is held here beside the model there. */
  readonly optimizer?: Optimizer;
}

const known = ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'count', 'optimizer'];

/**
 * One update of a model on a server, as a `TrainStep` of `@svo/train`: `train` drives it, and so do its sinks, `withEvaluation`,
 * `stopAfter` and `withEarlyStop` (whose best weights are then those of the server's checkpoint at `early_stop/best_step`). The loss is
 * one of `trainStep`, with `model.tokenLogps` where a local model's `lm.tokenLogps` stood: the loss of a plan of `@svo/recipes`, or one's
 * own. It is run twice: once to see which of the batch's ids it asks about, and once with the server's log-probs. A list of
 * micro-batches is one update, whose losses add up as those of `trainStep` do. Parameters in the state are trained here, by
 * `options.optimizer`.
 *
 * @throws DivergenceError, as `trainStep`, when the loss or its gradient is no finite number: nothing is sent then, and the state is as it was
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
 *   (params, { ids, stepIds }) =>
 *     sftLoss({ policyLogps: model.tokenLogps(params, ids), mask: tf.greaterEqual(stepIds, 0) }),
 *   { learningRate: 1e-2 },
 * );
 * const losses = [];
 * for await (const { report } of train(tinkerStart(), [batch, batch], step)) losses.push(report.loss);
 * losses[1]! < losses[0]!; // => true
 * await service.close();
 * await server.close();
 * ```
 */
export function tinkerStep<B extends object>(
  model: Pick<TinkerModel, 'gradientStep'>,
  loss: LossFunction<B>,
  options: TinkerStepOptions<B>,
): TrainStep<B | readonly B[]> {
  assertOptions('tinkerStep', options, known);
  const { learningRate, count, optimizer, ...rest } = options;
  const rateAt = typeof learningRate === 'number' ? () => learningRate : learningRate;
  return async (state, batch) => {
    const window: readonly B[] = Array.isArray(batch) ? (batch as readonly B[]) : [batch as B];
    if (window.length === 0) throw new RangeError('tinkerStep: batch must not be an empty list of micro-batches');
    if (window.length > 1 && !count)
      throw new RangeError(
        `tinkerStep: options.count is needed to accumulate ${window.length} micro-batches, got none`,
      );
    const own = Object.keys(state.params).length > 0;
    if (own && !optimizer)
      throw new RangeError(
        'tinkerStep: options.optimizer is needed for the parameters in the state, got none (the server updates its own alone)',
      );
    const counts = window.map((one) => count?.(one) ?? 1);
    const normalizer = count ? counts.reduce((sum, n) => sum + n, 0) : undefined;
    const rate = rateAt(state.step);
    const began = performance.now();
    const asked: Uploads<B>[] = [];
    const measured: Measured[] = [];
    try {
      for (const host of window) asked.push(uploads(state.params, loss, host, { step: state.step, host, normalizer }));
      const server = await model.gradientStep(
        asked.flatMap(({ rows }) => rows),
        async (logps) => {
          let from = 0;
          for (const one of asked) {
            measured.push(await measure(state.params, loss, one, logps.slice(from, from + one.rows.length)));
            from += one.rows.length;
          }
          const value = total(measured.map((one) => one.loss));
          const gradientNorm = normOf(measured);
          if (!Number.isFinite(value) || !Number.isFinite(gradientNorm)) {
            const batchIds = window.flatMap((one) => ((one as TokenBatch).rows ?? []).map(String));
            throw divergenceError('tinkerStep', { step: state.step, state, loss: value, gradientNorm, batchIds });
          }
          return measured.flatMap(({ gradients }) => gradients);
        },
        { ...rest, learningRate: rate },
      );
      const updated = own ? localUpdate(optimizer!, state, measured) : undefined;
      const counted = batchReport(window, { before: state.tokens, seconds: (performance.now() - began) / 1000 });
      const { cursor = state.cursor } = window.at(-1) as { readonly cursor?: typeof state.cursor };
      return {
        state: {
          ...state,
          ...updated,
          step: state.step + 1,
          tokens: counted.tokens,
          ...(cursor !== undefined && { cursor }),
        },
        report: {
          step: state.step + 1,
          loss: total(measured.map(({ loss: value }) => value)),
          logp_grad_norm: normOf(measured),
          learning_rate: rate,
          ...counted.report,
          ...weightedMeans(
            measured.flatMap(({ metrics }, i) =>
              Object.entries(metrics).map(([name, value]) => ({ name, value, weight: counts[i]! })),
            ),
          ),
          ...Object.fromEntries(Object.entries(server).map(([name, value]) => [`server/${name}`, value])),
        },
      };
    } finally {
      disposeTensors(asked.map(({ made }) => made));
      disposeTensors(measured.map(({ local }) => local));
    }
  };
}

/** The state's own parameters, updated by the sum of the micro-batches' gradients. */
function localUpdate(
  optimizer: Optimizer,
  { params, optimizer: slots, step }: Parameters<TrainStep<object>>[0],
  measured: readonly Measured[],
): Pick<Parameters<TrainStep<object>>[0], 'params' | 'optimizer'> {
  const next = tf.tidy(() => {
    const gradients: Record<string, tf.Tensor> = {};
    for (const { local } of measured)
      for (const [name, gradient] of Object.entries(local))
        gradients[name] = gradients[name] ? tf.add(gradients[name], gradient) : tf.clone(gradient);
    const updated = optimizer.update({ gradients, params, state: slots, step });
    return { params: updated.params, optimizer: updated.state } as never;
  }) as Pick<Parameters<TrainStep<object>>[0], 'params' | 'optimizer'>;
  disposeTensors([params, slots], [next]);
  return next;
}

/** ‖∂C/∂log p‖ over the window. */
const normOf = (measured: readonly Measured[]): number =>
  Math.sqrt(total(measured.flatMap(({ gradients }) => gradients.map(squares))));

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);

const squares = (row: Float32Array): number => row.reduce((sum, g) => sum + g * g, 0);
