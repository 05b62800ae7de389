/** What a config means: the plain record every family is read into and the shared decoder is built from. */
import type { RopeParameters } from './rope-parameters.ts';

/** The model families whose `model_type` is understood. */
export type ModelFamily =
  | 'llama'
  | 'qwen2'
  | 'qwen3'
  | 'qwen3_moe'
  | 'mistral'
  | 'smollm3'
  | 'seed_oss'
  | 'granite'
  | 'olmo2'
  | 'olmo3'
  | 'phi3'
  | 'gemma3_text'
  | 'ministral3'
  | 'lfm2';

/**
 * A `config.json` as Hugging Face writes it: snake_case keys, all but the sizes optional. Keys that are not understood
 * are carried along, so that saving a loaded model loses nothing.
 */
export interface ModelConfig {
  readonly model_type: ModelFamily;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly [key: string]: unknown;
}

/** The sizes and ids that every family reads in the same way. */
export interface Sizes {
  readonly family: ModelFamily;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** ε of every RMSNorm. */
  readonly epsilon: number;
  /** The head is the embedding, transposed. */
  readonly tiedHead: boolean;
  readonly maxPositions: number;
  /** Standard deviation of freshly drawn weights. */
  readonly initializerRange: number;
  readonly bosId: number | undefined;
  readonly eosIds: readonly number[];
  readonly padId: number | undefined;
}

/** How a layer's queries and keys are turned: by `rope`, by `localRope`, or not at all. */
export type Rotation = 'rope' | 'local' | 'none';

/** A block's norms under their names; a place without a name has no norm. */
export interface NormNames {
  readonly beforeAttention?: string;
  /** On what attention adds to the residual. */
  readonly afterAttention?: string;
  readonly beforeFeedForward?: string;
  readonly afterFeedForward?: string;
}

/** What a family calls the parts of a layer; `self_attn`, `o_proj` and so on in most. */
export interface PartNames {
  readonly attention: string;
  readonly output: string;
  readonly queryNorm: string;
  readonly keyNorm: string;
  readonly feedForward: string;
  readonly gate: string;
  readonly up: string;
  readonly down: string;
  readonly finalNorm: string;
}

/** A mixture of experts in the place of a feed-forward. */
export interface Experts {
  readonly count: number;
  /** How many of them a token visits. */
  readonly active: number;
  readonly innerSize: number;
  /** The visited experts' probabilities are divided by their sum. */
  readonly normalized: boolean;
  /** One entry a layer: whether its feed-forward is one. */
  readonly layers: readonly boolean[];
}

/** Where families differ. Each has a neutral value, which is Llama's. */
export interface Traits {
  /** Biases of q, k and v. */
  readonly queryKeyValueBias: boolean;
  /** Bias of the attention's output projection. */
  readonly outputBias: boolean;
  /** Biases of gate, up and down. */
  readonly feedForwardBias: boolean;
  /** RMSNorm of queries and keys before the rotation: over each head's dimensions (Qwen3), or over all heads' at once (OLMo 2). */
  readonly queryKeyNorm: 'head' | 'all' | undefined;
  readonly norms: NormNames;
  readonly names: PartNames;
  /** Added to the weight of every norm: 1 where weights are kept as differences from 1 (Gemma). */
  readonly normOffset: number;
  /** Layers that mix tokens by a short convolution in place of attention (LFM2): how many tokens it sees, and which layers. */
  readonly convolution:
    | { readonly kernel: number; readonly bias: boolean; readonly layers: readonly boolean[] }
    | undefined;
  /** Layers whose feed-forward is many small ones, of which each token visits the few that a router finds most probable (Qwen3-MoE). */
  readonly experts: Experts | undefined;
  /** q, k and v are one matrix `qkv_proj`, gate and up are one `gate_up_proj` (Phi-3). */
  readonly fusedProjections: boolean;
  /** What the gate goes through. */
  readonly activation: 'silu' | 'gelu-tanh';
  /** Multiplies the embedding's rows. */
  readonly embeddingScale: number;
  /** Multiplies what attention and feed-forward add to the residual. */
  readonly residualScale: number;
  /** Multiplies scores that are already divided by √headDim. */
  readonly scoreScale: number;
  /** Multiplies logits. */
  readonly logitScale: number;
  /** c: logits x become c·tanh(x / c). */
  readonly logitCap: number | undefined;
  /** How many tokens each layer sees, itself included; `undefined` is all of them. One entry a layer. */
  readonly windows: readonly (number | undefined)[];
  readonly rope: RopeParameters;
  /** For layers whose rotation is `local`. */
  readonly localRope: RopeParameters | undefined;
  /** One entry a layer. */
  readonly rotations: readonly Rotation[];
  /** How many of a head's dimensions, its first ones, are rotated; even. */
  readonly rotaryDim: number;
  /**
   * A text that grows beyond so many tokens is read anew from its beginning, by the angles of long texts (Phi-3 with LongRoPE); cached
   * keys keep theirs otherwise.
   */
  readonly rereadBeyond: number | undefined;
  /** β and L: the query at position p is multiplied by 1 + β·ln(1 + ⌊p / L⌋) (Llama 4's, in Ministral 3). */
  readonly queryGrowth: { readonly beta: number; readonly every: number } | undefined;
}

/** What a config means, with every family's defaults filled in: the record the decoder is built from. */
export interface Architecture extends Sizes, Traits {}
