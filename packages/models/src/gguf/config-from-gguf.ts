/** A GGUF file's metadata as a config.json (llama.cpp's convert_hf_to_gguf.py, backwards). */
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { countOf, headDimOf, layersOf } from './families/gguf-family.ts';
import { familyInFile } from './families/index.ts';
import { type MetadataKeys, plainDecimal } from './metadata-keys.ts';
import { type RopeFactors, ropeFromGguf } from './rope-metadata.ts';

/** What the table of tensors says that metadata does not. */
export interface TensorFacts {
  /** By ggml's name. */
  readonly shapeOf: (name: string) => readonly number[] | undefined;
  readonly factors: RopeFactors;
}

const tokenIds = (keys: MetadataKeys): Record<string, unknown> => {
  const id = (name: string): number | undefined => keys.count(`tokenizer.ggml.${name}_token_id`);
  const [bos, pad] = [id('bos'), id('padding')];
  const ends = [...new Set([id('eos'), id('eot'), id('eom')].filter((end) => end !== undefined))];
  return {
    ...(bos !== undefined && { bos_token_id: bos }),
    ...(ends.length > 0 && { eos_token_id: ends.length === 1 ? ends[0] : ends }),
    ...(pad !== undefined && { pad_token_id: pad }),
  };
};

/** Key-value heads: one number, or a list that says it of every layer. */
const keyValueHeads = (keys: MetadataKeys, family: string): number | undefined => {
  const key = `${family}.attention.head_count_kv`;
  if (!keys.isList(key)) return keys.count(key);
  const counts = [...new Set(keys.countsByLayer(key, layersOf(keys, family)))];
  return counts.length === 1
    ? counts[0]
    : keys.fail(`${key} must be the same in every layer, got ${counts.join(', ')}`);
};

/**
 * The config.json that a GGUF file amounts to. It is not checked here: `parseConfig` does.
 * @throws RangeError naming the key that is missing, of another type, or not supported
 */
export const configFromGguf = (keys: MetadataKeys, { shapeOf, factors }: TensorFacts): ModelConfig => {
  const found = familyInFile(keys);
  const { family: model_type, architecture: family, biases = {}, read, layerHeads } = found;
  const count = (name: string): number => countOf(keys, `${family}.${name}`);
  const heads = count('attention.head_count');
  const headDim = headDimOf(keys, family);
  const valueDim = keys.count(`${family}.attention.value_length`) ?? headDim;
  if (valueDim !== headDim) keys.fail(`${family}.attention.value_length must be the keys' ${headDim}, got ${valueDim}`);
  const experts = keys.count(`${family}.expert_count`) ?? 0;
  if (experts > 0 && model_type !== 'qwen3_moe')
    keys.fail(`${family}.expert_count must be 0 (mixtures of experts are not read), got ${experts}`);
  const embedding = keys.needed(shapeOf('token_embd.weight'), 'the tensor token_embd.weight');
  const maxPositions = count('context_length');
  const rope = ropeFromGguf(keys, found, { headDim, maxPositions, factors });
  const epsilon = `${family}.attention.layer_norm_rms_epsilon`;
  return {
    model_type,
    vocab_size: embedding[0] ?? 0,
    hidden_size: count('embedding_length'),
    intermediate_size: count('feed_forward_length'),
    num_hidden_layers: count('block_count'),
    num_attention_heads: heads,
    ...(!layerHeads && { num_key_value_heads: keyValueHeads(keys, family) ?? heads }),
    head_dim: headDim,
    hidden_act: 'silu',
    rms_norm_eps: plainDecimal(keys.needed(keys.number(epsilon), epsilon)),
    max_position_embeddings: maxPositions,
    tie_word_embeddings: shapeOf('output.weight') === undefined,
    ...Object.fromEntries(Object.entries(biases).map(([key, tensor]) => [key, shapeOf(tensor) !== undefined])),
    ...rope,
    ...tokenIds(keys),
    ...read?.(keys, rope),
  };
};
