/** What a config means: the plain record every family is read into and the shared decoder is built from. */
import type { RopeParameters } from './rope-parameters.ts';

/** The model families whose `model_type` is understood. */
export type ModelFamily = 'llama' | 'qwen2' | 'qwen3' | 'mistral';

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
  /** How many tokens each layer sees, itself included; `undefined` is all of them. One entry a layer. */
  readonly windows: readonly (number | undefined)[];
  readonly rope: RopeParameters;
  /** One entry a layer. */
  readonly rotations: readonly Rotation[];
}

/** What a config means, with every family's defaults filled in: the record the decoder is built from. */
export interface Architecture extends Sizes, Traits {}
