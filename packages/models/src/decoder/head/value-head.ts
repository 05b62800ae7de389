/** Values from a decoder: a linear layer and tanh on the hidden state of a step's last token (SVPO, 2406.10858, section 4.2). */
import { embedding, linear } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';
import { type CausalLm, causalLm, type PassOptions, startsOf } from '../causal-lm.ts';
import type { ModelConfig } from '../config/architecture.ts';
import { hiddenRows } from '../decoder.ts';
import { normalValues, type Params } from '../parameters.ts';
import { wantedLogps } from './head.ts';
import { entries, type StepEnds, scoredRows, stepEndRows, type TokenMarks } from './scored-rows.ts';

/** A value head on a decoder's hidden states; its two parameters live beside the decoder's. */
export interface ValueHead {
  readonly lm: CausalLm;
  readonly activation: ValueActivation;
  /** `value_head.weight` `[1, D]` and `value_head.bias` `[1]`, for spreading into the decoder's. The caller disposes them. */
  readonly init: (seed: number) => Record<string, Tensor>;
  /**
   * V after each step, in ±1: at the step's last token, `[B, T] → [B, S]`; 0 for a step a row doesn't have. With
   * `segments`, steps count over the whole batch, as `packExamples` numbers them (example · S + step), and the result is
   * `[1, steps]`: reshape it to [examples, S].
   */
  readonly values: (params: Params, ids: Tensor, stepIds: TokenMarks, steps: number, options?: PassOptions) => Tensor;
  /** V at every token, in ±1: `[B, T] → [B, T]`. */
  readonly tokenValues: (params: Params, ids: Tensor, options?: PassOptions) => Tensor;
  /** Log-probs of the scored tokens `[B, T]` and values of the steps `[B, S]` from one pass over the shared decoder. */
  readonly logpsAndValues: (
    params: Params,
    ids: Tensor,
    stepIds: TokenMarks,
    steps: number,
    options?: PassOptions,
  ) => { logps: Tensor; values: Tensor };
}

/** How the linear layer's output becomes a value: tanh keeps it in ±1; identity leaves it as it is. */
export type ValueActivation = 'tanh' | 'identity';

/** Values of hidden rows, `[n, D] → [n]`. */
export const rowValues = (params: Params, rows: Tensor, activation: ValueActivation): Tensor => {
  const outputs = tf.reshape(linear(rows, params['value_head.weight']!, params['value_head.bias']), [rows.shape[0]]);
  return activation === 'tanh' ? tf.tanh(outputs) : outputs;
};

/** n numbers to the places of a table that name them (1 + index), 0 elsewhere. */
const placed = (values: Tensor, places: Int32Array, shape: number[]): Tensor => {
  const table = tf.reshape(tf.concat([tf.zeros([1]), values]), [values.size + 1, 1]);
  return tf.reshape(embedding(table, tf.tensor1d(places, 'int32')), shape);
};

/** The last token of every step, and the shape of their values: `[B, S]`, or `[1, steps]` for packed rows. */
const endsOf = (
  ids: Tensor,
  stepIds: TokenMarks,
  steps: number,
  segments: TokenMarks | undefined,
): StepEnds & { shape: number[] } => {
  const [batch, length] = ids.shape as [number, number];
  if (!segments) return { ...stepEndRows([batch, length], stepIds, steps), shape: [batch, steps] };
  const asOneRow = { data: entries(stepIds), shape: [1, batch * length] };
  return { ...stepEndRows([1, batch * length], asOneRow, steps), shape: [1, steps] };
};

/**
 * A value head for a decoder that is shared with the policy.
 *
 * @param lm the decoder; with `applyLora` its adapters are used where params hold them
 * @param activation `tanh` by default: values in ±1
 * @throws RangeError from `values`, when stepIds has another shape than ids or names a step ≥ S
 * @example
 * ```ts
 * import { causalLm, valueHead } from '@svo/models';
 * import { tf } from '@svo/tensor';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const head = valueHead(lm);
 * const params = { ...lm.init(1), ...head.init(2) };
 * const ids = tf.tensor2d([[1, 2, 3, 4]], undefined, 'int32');
 * head.values(params, ids, tf.tensor2d([[-1, 0, 0, 1]], undefined, 'int32'), 2).shape; // => [1, 2]
 * ```
 */
export const valueHead = (lm: CausalLm, activation: ValueActivation = 'tanh'): ValueHead => {
  const { decoder: model } = lm;
  const { hiddenSize, initializerRange } = lm.architecture;
  return {
    lm,
    activation,
    init: (seed) => ({
      'value_head.weight': tf.tensor2d(normalValues(seed, 'value_head.weight', hiddenSize, initializerRange), [
        1,
        hiddenSize,
      ]),
      'value_head.bias': tf.zeros([1]),
    }),
    values: (params, ids, stepIds, steps, { segments } = {}) =>
      tf.tidy(() => {
        const { rows, places, shape } = endsOf(ids, stepIds, steps, segments);
        if (rows.length === 0) return tf.zeros(shape);
        const picked = { rows: tf.tensor1d(rows, 'int32'), starts: startsOf(ids, segments) };
        return placed(rowValues(params, hiddenRows(model, params, ids, picked), activation), places, shape);
      }),
    tokenValues: (params, ids, { segments } = {}) =>
      tf.tidy(() => {
        const hidden = hiddenRows(model, params, ids, { starts: startsOf(ids, segments) });
        return tf.reshape(rowValues(params, hidden, activation), ids.shape);
      }),
    logpsAndValues: (params, ids, stepIds, steps, { segments } = {}) =>
      tf.tidy(() => {
        const starts = startsOf(ids, segments);
        const scored = scoredRows(ids.shape as [number, number], stepIds, starts);
        const ends = endsOf(ids, stepIds, steps, segments);
        const [tokens, values] = [scored.rows.length, ends.rows.length];
        if (tokens === 0) return { logps: tf.zeros(ids.shape), values: tf.zeros(ends.shape) };
        const rows = tf.tensor1d([...scored.rows, ...ends.rows], 'int32');
        const hidden = hiddenRows(model, params, ids, { rows, starts });
        const targets = tf.gather(tf.reshape(ids, [ids.size]), tf.tensor1d(scored.targets, 'int32'));
        const logps = wantedLogps(model, params, tf.slice(hidden, [0, 0], [tokens, hiddenSize]), targets);
        const ended = rowValues(params, tf.slice(hidden, [tokens, 0], [values, hiddenSize]), activation);
        return { logps: placed(logps, scored.places, ids.shape), values: placed(ended, ends.places, ends.shape) };
      }),
  };
};

/** A value model with a decoder of its own. */
export interface ValueNetwork extends Omit<ValueHead, 'logpsAndValues' | 'init'> {
  /** Decoder and head. Start from a policy by spreading its weights over these; there is no `lm_head`. */
  readonly init: (seed: number) => Record<string, Tensor>;
}

/**
 * A separate value model: a decoder with a value head and no language-model head (DQO's and OREO's V).
 *
 * @param config keys of a config.json, e.g. the policy's
 * @example
 * ```ts
 * import { valueNetwork } from '@svo/models';
 * const network = valueNetwork({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * 'lm_head.weight' in network.init(1); // => false
 * ```
 */
export const valueNetwork = (config: ModelConfig, activation: ValueActivation = 'tanh'): ValueNetwork => {
  const lm = causalLm(config);
  const { init, values, tokenValues } = valueHead(lm, activation);
  return {
    lm,
    activation,
    values,
    tokenValues,
    init: (seed) => {
      const { 'lm_head.weight': unused, ...params } = lm.init(seed);
      unused?.dispose();
      return { ...params, ...init(seed) };
    },
  };
};
