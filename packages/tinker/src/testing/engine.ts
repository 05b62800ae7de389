/** What a server computes, with a real model: log-probs, gradients, AdamW, draws. */
import { applyLora, type CausalLm, generate, initLora, type Tokenizer } from '@svo/models';
import { type Tensor, tf, valueAndGrads } from '@svo/tensor';
import { adamw } from '@svo/train';
import type { Arrays, HeldModel, Moments } from './world.ts';

/** A base model to train on, and what the server makes of a batch's losses. */
export interface EngineOptions {
  readonly lm: CausalLm;
  readonly params: Readonly<Record<string, Tensor>>;
  readonly reduction: 'sum' | 'mean';
  /** Reads stop texts. */
  readonly tokenizer: Tokenizer;
  /** LoRA's α, whatever the rank. */
  readonly alpha: number;
}

/** A datum as it is read from a request. */
export interface ReadDatum {
  readonly tokens: number[];
  readonly targets: number[];
  readonly inputs: Readonly<Record<string, number[]>>;
}

/** Thrown for what the server says no to when it runs it. */
export class EngineError extends Error {}

export interface Engine {
  readonly fresh: (rank: number, seed: number) => Arrays;
  readonly forward: (model: HeldModel, data: readonly ReadDatum[]) => Float32Array[];
  readonly backward: (
    model: HeldModel,
    data: readonly ReadDatum[],
    lossFn: string,
    config: Readonly<Record<string, number>>,
  ) => Float32Array[];
  readonly step: (model: HeldModel, params: Readonly<Record<string, number>>) => void;
  readonly sample: (
    rank: number,
    adapters: Arrays,
    prompts: readonly number[][],
    options: Parameters<typeof generate>[3],
  ) => ReturnType<typeof generate>;
}

export function engineOf({ lm, params, reduction, alpha, tokenizer }: EngineOptions): Engine {
  const withAdapters = (rank: number): CausalLm => applyLora(lm, { rank, alpha });
  const logpsOf = (rank: number, adapters: Readonly<Record<string, Tensor>>, grid: Grid): Tensor =>
    withAdapters(rank).tokenLogps({ ...params, ...adapters }, tf.tensor2d(grid.ids, grid.shape, 'int32'));
  const forward: Engine['forward'] = ({ rank, adapters }, all) =>
    inPieces(all, (data) => {
      const grid = gridOf(data, lm.architecture.vocabSize);
      const values = tf.tidy(() => logpsOf(rank, tensors(adapters), grid).dataSync<'float32'>());
      return data.map(({ targets }, row) =>
        values.slice(row * grid.shape[1] + 1, row * grid.shape[1] + 1 + targets.length),
      );
    });
  return {
    fresh: (rank, seed) => scoped(() => arrays(initLora(lm, { rank, alpha }, seed))),
    forward,
    backward: (model, all, lossFn, config) =>
      inPieces(all, (data) => {
        const grid = gridOf(data, lm.architecture.vocabSize);
        const logps = forward(model, data);
        const slopes = data.map((datum, row) => slopesOf(datum, logps[row]!, lossFn, config, reduction));
        const coefficients = new Float32Array(grid.ids.length);
        for (const [row, values] of slopes.entries()) coefficients.set(values, row * grid.shape[1] + 1);
        const gradients = scoped(() => {
          const weights = tf.tensor2d(coefficients, grid.shape);
          const surrogate = (adapters: Readonly<Record<string, Tensor>>): tf.Scalar =>
            tf.sum(tf.mul(weights, logpsOf(model.rank, adapters, grid))) as tf.Scalar;
          return arrays(valueAndGrads(surrogate, tensors(model.adapters)).gradients);
        });
        model.gradients = added(model.gradients, gradients);
        model.data += data.length;
        return logps;
      }),
    step: (model, { learning_rate, beta1, beta2, eps, weight_decay }) => {
      const optimizer = adamw({
        learningRate: learning_rate ?? 1e-4,
        beta1: beta1 ?? 0.9,
        beta2: beta2 ?? 0.95,
        epsilon: eps ?? 1e-12,
        weightDecay: weight_decay ?? 0,
      });
      const scale = reduction === 'mean' ? 1 / Math.max(1, model.data) : 1;
      tf.tidy(() => {
        const zero = Object.entries(model.adapters).map(
          ([name, { shape, data }]) => [name, { data: new Float32Array(data.length), shape }] as const,
        );
        const gradients = tensors(added(model.gradients, Object.fromEntries(zero)));
        const scaled = Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, tf.mul(g, scale)]));
        const { counts, first, second } = model.moments;
        const state = { counts, first: tensors(first), second: tensors(second) };
        const updated = optimizer.update({ gradients: scaled, params: tensors(model.adapters), state, step: 0 });
        const slots = updated.state as unknown as typeof state;
        model.adapters = arrays(updated.params);
        model.moments = { counts: slots.counts, first: arrays(slots.first), second: arrays(slots.second) } as Moments;
        return [];
      });
      model.gradients = {};
      model.data = 0;
      model.steps += 1;
    },
    sample: async (rank, adapters, prompts, options) => {
      const held = tensors(adapters);
      try {
        return await generate(withAdapters(rank), { ...params, ...held }, prompts, { ...options, tokenizer });
      } finally {
        tf.dispose(Object.values(held));
      }
    },
  };
}

/** Rows computed together: memory stays that of one piece, and sums are the same. */
function inPieces<T>(all: readonly ReadDatum[], work: (data: readonly ReadDatum[]) => T[]): T[] {
  const rowsTogether = 64;
  const results: T[] = [];
  for (let from = 0; from < all.length; from += rowsTogether)
    results.push(...work(all.slice(from, from + rowsTogether)));
  return results;
}

/** ∂loss/∂log p of one datum's targets, by the loss the request names. */
function slopesOf(
  { targets, inputs }: ReadDatum,
  logps: Float32Array,
  lossFn: string,
  config: Readonly<Record<string, number>>,
  reduction: 'sum' | 'mean',
): Float32Array {
  const ones = targets.map(() => 1);
  const { weights = ones, logprobs = [], advantages = [] } = inputs;
  const slope = (i: number): number => {
    const advantage = advantages[i] ?? 0;
    const ratio = Math.exp(logps[i]! - (logprobs[i] ?? 0));
    if (lossFn === 'cross_entropy') return -(weights[i] ?? 0);
    if (lossFn === 'importance_sampling') return -(advantage * ratio);
    const { clip_low_threshold: low = 0.8, clip_high_threshold: high = 1.2 } = config;
    return -(advantage * Math.min(Math.max(ratio, low), high)) * (reduction === 'mean' ? (weights[i] ?? 0) : 1);
  };
  if (!['cross_entropy', 'importance_sampling', 'cispo'].includes(lossFn))
    throw new EngineError(`unknown loss function ${lossFn}`);
  const divisor =
    reduction === 'mean'
      ? Math.max(
          weights.reduce((sum, w) => sum + w, 0),
          1e-9,
        )
      : 1;
  return Float32Array.from(targets, (_, i) => slope(i) / divisor);
}

interface Grid {
  readonly ids: Int32Array;
  readonly shape: [number, number];
}

function gridOf(data: readonly ReadDatum[], vocabulary: number): Grid {
  const width = data.reduce((most, { targets }) => Math.max(most, targets.length + 1), 0);
  const ids = new Int32Array(data.length * width);
  for (const [row, { tokens, targets }] of data.entries()) {
    const whole = [...tokens, targets.at(-1) ?? 0];
    if (whole.some((id) => !(id >= 0 && id < vocabulary))) throw new EngineError('a token id is out of range');
    ids.set(whole, row * width);
  }
  return { ids, shape: [data.length, width] };
}

/** `tf.tidy` for what gives plain data. */
function scoped<T>(work: () => T): T {
  let result: { readonly of: T } | undefined;
  tf.tidy(() => {
    result = { of: work() };
    return [];
  });
  return result!.of;
}

const tensors = (held: Arrays): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(held).map(([name, { data, shape }]) => [name, tf.tensor(data.slice(), shape)]));

const arrays = (held: Readonly<Record<string, Tensor>>): Arrays =>
  Object.fromEntries(
    Object.entries(held).map(([name, tensor]) => [
      name,
      { data: tensor.dataSync<'float32'>().slice(), shape: [...tensor.shape] },
    ]),
  );

const added = (a: Arrays, b: Arrays): Arrays => ({
  ...a,
  ...Object.fromEntries(
    Object.entries(b).map(([name, { data, shape }]) => [
      name,
      { data: data.map((value, i) => value + (a[name]?.data[i] ?? 0)), shape },
    ]),
  ),
});
