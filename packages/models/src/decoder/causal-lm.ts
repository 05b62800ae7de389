/** A decoder as a record of pure functions over parameters: `init`, `apply`, `tokenLogps`, `hidden`. */

import { embedding } from '@svo/kernels';
import { assertOptions } from '@svo/mdp';
import { type Tensor, tf } from '@svo/tensor';
import type { Architecture, ModelConfig } from './config/architecture.ts';
import { parseConfig } from './config/config.ts';

import { hiddenRows } from './decoder.ts';
import { checkCheckpoint, type Decoder, type DecoderOptions, decoder } from './decoder-record.ts';
import { headLogits, wantedLogps } from './head/head.ts';
import { scoredRows, segmentStarts, type TokenMarks } from './head/scored-rows.ts';
import { initialParameters, type Params } from './parameters.ts';

/** What a pass over whole sequences may be told. */
export interface PassOptions {
  /**
   * Which example of its row each token belongs to, `[B, T]` (`packExamples` makes them): attention and scoring stay within
   * an example. By default every row is one example.
   */
  readonly segments?: TokenMarks;
}

/** What `tokenLogps` may be told. */
export interface TokenLogpsOptions extends PassOptions {
  /** Entries ≥ 0 mark the tokens to compute, `[B, T]`; all by default. */
  readonly scored?: TokenMarks;
}

/** A causal language model without weights: give each function the parameters. */
export interface CausalLm {
  /** The config.json it was built from, unknown keys included. */
  readonly config: ModelConfig;
  /** What the config means. */
  readonly architecture: Architecture;
  /** Fresh parameters; the same seed gives the same values on every backend. The caller disposes them. */
  readonly init: (seed: number) => Record<string, Tensor>;
  /** Logits of the next token at every position: `[B, T] int32 → [B, T, V]`. */
  readonly apply: (params: Params, ids: Tensor, options?: PassOptions) => Tensor;
  /**
   * log p(ids[t] | ids[<t]) in nats, aligned with ids: `[B, T] int32 → [B, T]`; an example's first entry is 0. With `scored` only tokens
   * whose entry is ≥ 0 are computed and the others are 0: no logits, and no last feed-forward layer, exist for them.
   */
  readonly tokenLogps: (params: Params, ids: Tensor, options?: TokenLogpsOptions) => Tensor;
  /** Final hidden states after the last norm: `[B, T] int32 → [B, T, D]`. */
  readonly hidden: (params: Params, ids: Tensor, options?: PassOptions) => Tensor;
  /** The parts the generation loop is built from. */
  readonly decoder: Decoder;
}

const checkIds = (source: string, ids: Tensor, vocabularySize: number): void => {
  if (ids.rank !== 2 || ids.dtype !== 'int32')
    throw new RangeError(
      `${source}: ids must be int32 [B, T], got ${ids.dtype} [${ids.shape}] (tf.tensor2d(rows, undefined, 'int32') makes one)`,
    );
  if (ids.size === 0)
    throw new RangeError(
      `${source}: ids must hold at least one token, got [${ids.shape}] with vocabulary ${vocabularySize}`,
    );
};

/** Where the examples of packed rows begin; nothing for rows of one example. */
export const startsOf = (ids: Tensor, segments: TokenMarks | undefined): Int32Array | undefined =>
  segments && segmentStarts(ids.shape as [number, number], segments);

/** Used by `causalLm` and by `applyLora`, which differ in the adapters' scale alone. */
export const lmOf = (config: ModelConfig, model: Decoder): CausalLm => {
  const { architecture } = model;
  const { vocabSize, hiddenSize } = architecture;

  const hidden: CausalLm['hidden'] = (params, ids, options = {}) =>
    tf.tidy(() => {
      assertOptions('hidden', options, ['segments']);
      const { segments } = options;
      checkIds('hidden', ids, vocabSize);
      const starts = startsOf(ids, segments);
      return tf.reshape(hiddenRows(model, params, ids, { starts }), [...ids.shape, hiddenSize]);
    });

  const apply: CausalLm['apply'] = (params, ids, options = {}) =>
    tf.tidy(() => {
      assertOptions('apply', options, ['segments']);
      const { segments } = options;
      checkIds('apply', ids, vocabSize);
      const rows = hiddenRows(model, params, ids, { starts: startsOf(ids, segments) });
      return tf.reshape(headLogits(model, params, rows), [...ids.shape, vocabSize]);
    });

  const tokenLogps: CausalLm['tokenLogps'] = (params, ids, options = {}) =>
    tf.tidy(() => {
      assertOptions('tokenLogps', options, ['scored', 'segments']);
      const { scored, segments } = options;
      checkIds('tokenLogps', ids, vocabSize);
      const starts = startsOf(ids, segments);
      const { rows, targets, places } = scoredRows(ids.shape as [number, number], scored, starts);
      if (rows.length === 0) return tf.zeros(ids.shape);
      const picked = hiddenRows(model, params, ids, { rows: tf.tensor1d(rows, 'int32'), starts });
      const wanted = tf.gather(tf.reshape(ids, [ids.size]), tf.tensor1d(targets, 'int32'));
      const logps = wantedLogps(model, params, picked, wanted);
      const padded = tf.reshape(tf.concat([tf.zeros([1]), logps]), [rows.length + 1, 1]);
      return tf.reshape(embedding(padded, tf.tensor1d(places, 'int32')), ids.shape);
    });

  return {
    config,
    architecture,
    init: (seed) => initialParameters(architecture, seed),
    apply,
    tokenLogps,
    hidden,
    decoder: model,
  };
};

/**
 * A decoder of any {@link ModelFamily}, from the keys of its `config.json`.
 *
 * @param config config.json's content; six sizes and `model_type` are required, the rest has the family's defaults
 * @param options see `DecoderOptions`
 * @throws RangeError naming each key that is missing, malformed or not supported, or a bad option
 * @example
 * ```ts
 * import { causalLm } from '@svo/models';
 * import { tf } from '@svo/tensor';
 * const lm = causalLm({
 *   model_type: 'llama', vocab_size: 16, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
 * });
 * const params = lm.init(1);
 * const ids = tf.tensor2d([[1, 2, 3]], undefined, 'int32');
 * lm.apply(params, ids).shape; // => [1, 3, 16]
 * lm.tokenLogps(params, ids).shape; // => [1, 3]
 * ```
 */
export const causalLm = (config: ModelConfig, options: DecoderOptions = {}): CausalLm => {
  assertOptions('causalLm', options, ['checkpoint']);
  checkCheckpoint('causalLm', options.checkpoint);
  return lmOf(config, decoder(parseConfig(config, 'causalLm'), options));
};
