/** What a GGUF file says of a model: its sizes and rotation, as llama.cpp's convert_hf_to_gguf.py writes them. */
import type { GgufMetadata, GgufValue, WritableGgmlType } from '@svo/files';
import type { CausalLm } from '../decoder/causal-lm.ts';
import type { Architecture } from '../decoder/config/architecture.ts';
import type { RopeParameters } from '../decoder/config/rope-parameters.ts';
import { float32, type GgufFamily, uint32 } from './families/gguf-family.ts';
import { familyForFile } from './families/index.ts';
import { frequencyFactors, type RopeFactors, usualAttention } from './rope-metadata.ts';

/** `general.file_type` (llama.h, enum llama_ftype). */
const fileTypes: Readonly<Record<WritableGgmlType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, BF16: 32 };

export const string = (value: string): GgufValue => ({ type: 'string', value });
export const bool = (value: boolean): GgufValue => ({ type: 'bool', value });

const fail = (message: string): never => {
  throw new RangeError(`saveGguf: ${message}`);
};

const ropeMetadata = (
  rope: RopeParameters,
  { architecture: family, longFactors, yarnMultiplier }: GgufFamily,
): GgufMetadata => {
  const theta = { [`${family}.rope.freq_base`]: float32(rope.theta) };
  const key = (name: string): string => `${family}.rope.scaling.${name}`;
  switch (rope.type) {
    case 'default':
    case 'llama3':
      return theta;
    case 'linear':
      return { ...theta, [key('type')]: string('linear'), [key('factor')]: float32(rope.factor) };
    case 'yarn': {
      if (!rope.truncate) fail("yarn's truncate must be true");
      const { factor, attentionFactor, betaFast, betaSlow } = rope;
      const share = attentionFactor / usualAttention(factor, yarnMultiplier);
      return {
        ...theta,
        [key('type')]: string('yarn'),
        [key('factor')]: float32(rope.factor),
        [key('original_context_length')]: uint32(rope.originalPositions),
        ...(yarnMultiplier && { [key('yarn_log_multiplier')]: float32(yarnMultiplier) }),
        ...(Math.abs(share - 1) > 1e-6 && { [key('attn_factor')]: float32(share) }),
        ...(betaFast !== 32 && { [key('yarn_beta_fast')]: float32(betaFast) }),
        ...(betaSlow !== 1 && { [key('yarn_beta_slow')]: float32(betaSlow) }),
      };
    }
    case 'longrope':
      return longFactors || hasFixedFactors(rope)
        ? theta
        : fail('longrope must have one list of factors for every length and attention_factor 1');
    case 'dynamic':
      return fail('RoPE scaling must be default, linear, llama3, yarn or fixed factors, got dynamic');
  }
};

const hasFixedFactors = (rope: Extract<RopeParameters, { type: 'longrope' }>): boolean =>
  rope.attentionFactor === 1 && rope.shortFactors.every((factor, i) => factor === rope.longFactors[i]);

/** The tensors of factors, for the kinds of scaling that GGUF holds as some. */
export const ropeFactors = ({ rope, headDim }: Architecture, { longFactors }: GgufFamily): RopeFactors => {
  if (rope.type === 'llama3') return { every: frequencyFactors(rope, headDim) };
  if (rope.type !== 'longrope') return {};
  const short = Float32Array.from(rope.shortFactors);
  return longFactors ? { short, long: Float32Array.from(rope.longFactors) } : { every: short };
};

/**
 * The metadata of a model without its tokenizer.
 * @throws RangeError for what GGUF cannot say of these architectures: sliding windows, and some kinds of RoPE scaling
 */
export const metadataOfModel = ({ architecture }: CausalLm, dtype: WritableGgmlType, name: string): GgufMetadata => {
  const found = familyForFile(architecture);
  const { architecture: family, windows: saysWindows, written } = found;
  const { maxPositions, windows, rope, headDim, rotaryDim } = architecture;
  if (!saysWindows && windows.some((window) => window !== undefined && window < maxPositions))
    fail(
      `llama.cpp knows no sliding window for ${family}; max_position_embeddings must be at most the window's length`,
    );
  const of = (key: string): string => `${family}.${key}`;
  return {
    'general.architecture': string(family),
    'general.type': string('model'),
    'general.name': string(name),
    'general.file_type': uint32(fileTypes[dtype]),
    'general.quantization_version': uint32(2),
    [of('block_count')]: uint32(architecture.layers),
    [of('context_length')]: uint32(maxPositions),
    [of('embedding_length')]: uint32(architecture.hiddenSize),
    [of('feed_forward_length')]: uint32(architecture.intermediateSize),
    [of('attention.head_count')]: uint32(architecture.heads),
    [of('attention.head_count_kv')]: uint32(architecture.keyValueHeads),
    [of('attention.key_length')]: uint32(headDim),
    [of('attention.value_length')]: uint32(headDim),
    [of('attention.layer_norm_rms_epsilon')]: float32(architecture.epsilon),
    [of('rope.dimension_count')]: uint32(rotaryDim),
    [of('vocab_size')]: uint32(architecture.vocabSize),
    ...ropeMetadata(rope, found),
    ...written?.(architecture),
  };
};
