/** The benchmark's decoder and its training step, as a user would write them. */
import { type CausalLm, causalLm } from '@svo/models';
import { type Tensor, tf } from '@svo/tensor';
import { adamw, chain, clipByGlobalNorm, type Params, type TrainStep, trainStep } from '@svo/train';

export interface Sizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly length: number;
  readonly batch: number;
}

export function languageModel(sizes: Sizes): CausalLm {
  return causalLm({
    model_type: 'llama',
    vocab_size: sizes.vocabulary,
    hidden_size: sizes.width,
    intermediate_size: sizes.feedForward,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.heads,
    rope_theta: 10000,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: true,
    max_position_embeddings: sizes.length,
  });
}

/** Tokens that every process can make for itself. */
export function tokenIds({ batch, length, vocabulary }: Sizes): Int32Array {
  let state = 1;
  return Int32Array.from({ length: batch * length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * vocabulary);
  });
}

export interface TokenBatch {
  readonly ids: { readonly data: Int32Array; readonly shape: readonly [number, number] };
}

export const optimizer = chain(
  clipByGlobalNorm(1),
  adamw({ learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01 }),
);

/** Mean negative log-probability of every token after the first. */
export const tokenLoss =
  (lm: CausalLm) =>
  (params: Params, { ids }: { readonly ids: Tensor }): Tensor => {
    const [batch, length] = ids.shape;
    return tf.div(tf.sum(lm.tokenLogps(params, ids)), -batch * (length! - 1));
  };

export const languageModelStep = (lm: CausalLm): TrainStep<TokenBatch | readonly TokenBatch[]> =>
  trainStep<TokenBatch>(tokenLoss(lm), optimizer);
