/** What a family is in GGUF: what llama.cpp calls its parts, and what its files say of them. */
import type { GgufMetadata, GgufValue } from '@svo/files';
import type { Architecture, ModelFamily } from '../../decoder/config/architecture.ts';
import type { MetadataKeys } from '../metadata-keys.ts';

export const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
export const float32 = (value: number): GgufValue => ({ type: 'float32', value: Math.fround(value) });

/** Keys of a config.json. */
export type ConfigKeys = Readonly<Record<string, unknown>>;

/** One architecture of llama.cpp, as the family that is read from its files. */
export interface GgufFamily {
  readonly family: ModelFamily;
  /** `general.architecture`. */
  readonly architecture: string;
  /** Whether a file of the architecture holds this family, where it may hold others. */
  readonly isHeld?: (keys: MetadataKeys) => boolean;
  /** Rows of queries and keys that the rotation pairs are neighbours; half a head apart otherwise, as Hugging Face has them. */
  readonly pairedRows?: boolean;
  /** ggml's names of a layer's parts, and ours, where they are not Llama's. */
  readonly parts?: Readonly<Record<string, string>>;
  /** The same of tensors that belong to no layer. */
  readonly outside?: Readonly<Record<string, string>>;
  /** What the file's norms are more than the folder's. */
  readonly normOffset?: number;
  /** Windows may be said. */
  readonly windows?: boolean;
  /** Layers may differ in their key-value heads; {@link read} then says what they are. */
  readonly layerHeads?: boolean;
  /** The first dimensions of a head may be rotated alone. */
  readonly partialRotation?: boolean;
  /** Factors of RoPE may lie in two lists, for texts within the trained length and for longer ones. */
  readonly longFactors?: boolean;
  /** YaRN's temperature is divided by that of this multiplier: llama.cpp reads none of others. */
  readonly yarnMultiplier?: number;
  /** Matrices of a layer may have biases: which key of config.json says so, by the tensor that tells. */
  readonly biases?: Readonly<Record<string, string>>;
  /**
   * Keys of config.json besides those every file says.
   * @param rope those of the rotation, as `ropeFromGguf` found them
   * @throws RangeError for what this package does not compute
   */
  readonly read?: (keys: MetadataKeys, rope: ConfigKeys) => ConfigKeys;
  /** Metadata besides what every file says. */
  readonly written?: (architecture: Architecture) => GgufMetadata;
  /** What llama.cpp does not compute of an architecture, as "… must be …"; undefined where there is nothing. */
  readonly refusal?: (architecture: Architecture) => string | undefined;
}

/** A number that the file must say. */
export const countOf = (keys: MetadataKeys, key: string): number => keys.needed(keys.count(key), key);

/** Layers, within the number that a config may have. */
export const layersOf = (keys: MetadataKeys, architecture: string): number => {
  const key = `${architecture}.block_count`;
  const layers = countOf(keys, key);
  return layers <= 4096 ? layers : keys.fail(`${key} must be at most 4096, got ${layers}`);
};

/** Head dimension: said, or the hidden size divided among the heads. */
export const headDimOf = (keys: MetadataKeys, architecture: string): number => {
  const heads = countOf(keys, `${architecture}.attention.head_count`);
  const hidden = countOf(keys, `${architecture}.embedding_length`);
  return keys.count(`${architecture}.attention.key_length`) ?? (heads > 0 ? Math.floor(hidden / heads) : 0);
};

/** Every how many layers one sees everything; undefined where they do not take turns. */
export const turnOf = ({ windows, layers }: Architecture): number | undefined => {
  const first = windows.indexOf(undefined);
  const turn = first < 0 ? layers + 1 : first + 1;
  return windows.every((window, layer) => (window === undefined) === ((layer + 1) % turn === 0)) ? turn : undefined;
};

/** Where llama.cpp gives queries as many numbers as the hidden size has. */
export const refuseOtherHeads = ({ heads, headDim, hiddenSize }: Architecture): string | undefined =>
  heads * headDim === hiddenSize
    ? undefined
    : `head_dim must be hidden_size / num_attention_heads = ${hiddenSize / heads}, got ${headDim}`;
