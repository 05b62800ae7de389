import { assertOptions } from '@svo/mdp';
import { globalNorm, type Tensor, tf } from '@svo/tensor';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { disposeTensors } from '../params.ts';
import type { Json, Params, TrainState, TrainStep } from '../types.ts';
import { type DeviceBatch, uploadBatch } from './batch.ts';
import { batchReport, rowsOf, type TokenCount, tokensOf } from './batch-metrics.ts';
import { divergenceError } from './divergence-error.ts';
import { type LossResult, lossAndGradients } from './gradients.ts';
import { weightedMeans } from './weighted-means.ts';

/** What a loss may want to know besides parameters and batch. */
export interface LossContext<B = unknown> {
  /** Updates made so far. */
  readonly step: number;
  /** The batch before upload: what indexes on the host (`tokenLogps({ scored })`) reads it without waiting for a device. */
  readonly host: B;
  /** The whole window's count (see `count`): divide sums by this, and micro-batches add up to the big batch exactly. */
  readonly normalizer: number | undefined;
}

/** Computes a loss from parameters and an uploaded batch: the scalar itself, or `{ loss, …metrics }`. */
export type LossFunction<B> = (params: Params, batch: DeviceBatch<B>, context: LossContext<B>) => LossResult;

/** Options of `trainStep`. */
export interface TrainStepOptions<B> {
  /** What a micro-batch adds to the window's normalizer: rows, pairs or scored tokens, whatever the loss averages over. */
  readonly count?: (batch: B) => number;
  /** Which parameters get gradients; all by default. The others reach the loss and stay as they are. */
  readonly trainable?: (name: string) => boolean;
  /** A gradient norm above this, or one that is no number, stops training before the update. */
  readonly explodeAbove?: number;
  /** Names of a batch's rows for the error message; by default its `rows`, the indices that `batches` of `@svo/data` gives. */
  readonly batchIds?: (batch: B) => readonly string[];
  /** Tokens in a batch, real and with padding; by default from `batch.lengths` and the shape of `batch.ids`. */
  readonly tokens?: (batch: B) => TokenCount;
  /** Milliseconds on some clock, for the throughput metrics. */
  readonly now?: () => number;
}

/**
 * One update: upload, loss and gradients, global norm, checks, optimizer. The batch may be a list of micro-batches (see
 * `accumulate`): their gradients are summed, so with `count` and a loss that divides by `context.normalizer` the update is
 * that of the one big batch.
 *
 * The state given in is consumed, unless the step throws: then it is as it was. Nothing else of it leaks.
 * @param options `explodeAbove` 1e6
 * @throws DivergenceError when loss or gradient norm is NaN, infinite or above `explodeAbove`, before anything is updated.
 * @throws RangeError when a window of several micro-batches comes without `count`.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { initialTrainState, sgd, trainStep } from '@svo/train';
 * const optimizer = sgd({ learningRate: 0.5 });
 * const step = trainStep((params, batch: { x: number }) => tf.square(tf.sub(params.w!, batch.x)), optimizer);
 * const { state, report } = await step(initialTrainState({ w: tf.scalar(1) }, optimizer), { x: 3 });
 * [report.loss, report.grad_norm, (await state.params.w!.data())[0]]; // => [4, 4, 3]
 * ```
 */
export function trainStep<B extends object>(
  loss: LossFunction<B>,
  optimizer: Optimizer,
  options: TrainStepOptions<B> = {},
): TrainStep<B | readonly B[]> {
  assertOptions('trainStep', options, ['count', 'trainable', 'explodeAbove', 'batchIds', 'tokens', 'now']);
  const { trainable = () => true, explodeAbove = 1e6, now = () => performance.now() } = options;
  const { batchIds = rowsOf, tokens = tokensOf } = options;
  return async (state, batch) => {
    const began = now();
    const window: readonly B[] = Array.isArray(batch) ? (batch as readonly B[]) : [batch as B];
    const { gradients, scalars, measured } = sumGradients(state, window, loss, trainable, options.count);
    const { loss: value, gradientNorm, metrics } = await download(scalars, measured);
    if (!Number.isFinite(value) || !(gradientNorm <= explodeAbove)) {
      disposeTensors(gradients);
      throw divergenceError('trainStep', {
        step: state.step,
        state,
        loss: value,
        gradientNorm,
        batchIds: window.flatMap(batchIds),
      });
    }
    const { next, updateMetrics } = applyUpdate(optimizer, state, gradients, gradientNorm);
    const counted = batchReport(window, { before: state.tokens, seconds: (now() - began) / 1000, tokens });
    const cursor = cursorOf(window.at(-1)) ?? state.cursor;
    return {
      state: { ...next, tokens: counted.tokens, ...(cursor !== undefined && { cursor }) },
      report: {
        step: next.step,
        loss: value,
        grad_norm: gradientNorm,
        ...updateMetrics,
        ...counted.report,
        ...metrics,
        'memory/tensors': tf.memory().numTensors,
      },
    };
  };
}

/** What a window comes to before it leaves the device: Σ of losses, ‖Σ of gradients‖. */
interface Scalars {
  readonly loss: Tensor;
  readonly gradientNorm: Tensor;
}

/** A micro-batch's metric, and what the micro-batch weighs. */
interface Measured {
  readonly name: string;
  readonly value: Tensor | number;
  readonly weight: number;
}

/** Σ over the window of losses and gradients, and every micro-batch's metrics. */
function sumGradients<B extends object>(
  state: TrainState,
  window: readonly B[],
  loss: LossFunction<B>,
  trainable: (name: string) => boolean,
  count: ((batch: B) => number) | undefined,
): { gradients: Params; scalars: Scalars; measured: readonly Measured[] } {
  if (window.length === 0) throw new RangeError('trainStep: batch must not be an empty list of micro-batches');
  if (window.length > 1 && !count)
    throw new RangeError(
      `trainStep: options.count is needed to accumulate ${window.length} micro-batches, got none (a mean of means is not the big batch's mean; count what the loss averages over, and divide by context.normalizer)`,
    );
  const counts = count ? window.map(count) : undefined;
  const normalizer = counts?.reduce((sum, n) => sum + n, 0);
  const trained = Object.fromEntries(Object.entries(state.params).filter(([name]) => trainable(name)));
  let total: Record<string, Tensor> = {};
  let sum: Tensor | undefined;
  const measured: Measured[] = [];
  try {
    window.forEach((batch, i) => {
      const { uploaded, dispose } = uploadBatch(batch);
      let micro: ReturnType<typeof lossAndGradients>;
      try {
        const context = { step: state.step, host: batch, normalizer };
        micro = lossAndGradients('trainStep', trained, () => loss(state.params, uploaded, context));
      } finally {
        dispose();
      }
      total = addInto(total, micro.gradients);
      for (const [name, value] of Object.entries(micro.metrics))
        measured.push({ name, value, weight: counts?.[i] ?? 1 });
      sum = plus(sum, micro.loss);
    });
  } catch (error) {
    disposeTensors([total, sum, measured]);
    throw error;
  }
  return { gradients: total, scalars: { loss: sum!, gradientNorm: globalNorm(total) }, measured };
}

/** total + gradients, name by name; both are consumed. */
function addInto(total: Params, gradients: Params): Record<string, Tensor> {
  const sum: Record<string, Tensor> = { ...total };
  for (const [name, gradient] of Object.entries(gradients)) sum[name] = plus(sum[name], gradient);
  return sum;
}

/** before + next; both are consumed. */
function plus(before: Tensor | undefined, next: Tensor): Tensor {
  if (!before) return next;
  const sum = tf.add(before, next);
  disposeTensors([before, next]);
  return sum;
}

/** All scalars in one transfer: on a GPU every wait costs as much as a small kernel. They are consumed. */
async function download(
  { loss, gradientNorm }: Scalars,
  measured: readonly Measured[],
): Promise<{ loss: number; gradientNorm: number; metrics: Record<string, number> }> {
  const onDevice = measured.flatMap(({ value }) => (typeof value === 'number' ? [] : [value]));
  const stacked = tf.tidy(() =>
    tf.concat([loss, gradientNorm, ...onDevice].map((scalar) => tf.reshape(tf.cast(scalar, 'float32'), [1]))),
  );
  disposeTensors([loss, gradientNorm, onDevice]);
  const [lossValue, norm, ...values] = await stacked.data<'float32'>();
  stacked.dispose();
  const weighed = measured.map(({ name, value, weight }) => ({
    name,
    value: typeof value === 'number' ? value : values.shift()!,
    weight,
  }));
  return { loss: lossValue!, gradientNorm: norm!, metrics: weightedMeans(weighed) };
}

/** Runs the optimizer and frees whatever of the old state and gradients is no part of the new state. */
function applyUpdate(
  optimizer: Optimizer,
  state: TrainState,
  gradients: Params,
  gradientNorm: number,
): { next: TrainState; updateMetrics: Readonly<Record<string, number>> } {
  let updateMetrics: Readonly<Record<string, number>> = {};
  const { params, slots } = tf.tidy(() => {
    const updated = optimizer.update({
      gradients,
      gradientNorm,
      params: state.params,
      state: state.optimizer,
      step: state.step,
    });
    updateMetrics = updated.metrics ?? {};
    return { params: updated.params, slots: updated.state } as never;
  }) as { params: Params; slots: TrainState['optimizer'] };
  const kept = [params, slots];
  disposeTensors([gradients, state.params, state.optimizer], kept);
  return { next: { ...state, step: state.step + 1, params, optimizer: slots }, updateMetrics };
}

function cursorOf(batch: unknown): Json | undefined {
  return (batch as { readonly cursor?: Json } | undefined)?.cursor;
}
