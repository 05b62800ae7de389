/** config.json of every family, in the older and the newer spelling of its keys, as one plain record. */
import * as z from 'zod';
import { type CommonConfig, checked, commonKeys, everywhere, type Family } from '../families/family.ts';
import { families } from '../families/index.ts';
import type { Architecture, ModelFamily, Sizes, Traits } from './architecture.ts';
import { checkForeignKeys } from './foreign-keys.ts';
import { ropeParameters } from './rope-parameters.ts';

/** A key that is absent takes the family's default; one that is null means "derive it from the others". */
const orDerived = (given: number | null | undefined, familyDefault: number | undefined, derived: number): number =>
  given === undefined ? (familyDefault ?? derived) : (given ?? derived);

const idList = (ids: number | readonly number[] | null | undefined): readonly number[] =>
  ids === null || ids === undefined ? [] : typeof ids === 'number' ? [ids] : ids;

const complain = (source: string, message: string): never => {
  throw new RangeError(`${source}: ${message}`);
};

/** Why models of other types, that are near to known ones, are not read. */
const unread: Readonly<Record<string, string>> = {
  qwen3_vl_moe: 'the experts of its files lie in one stack, which is not read',
};

const familyName = z.looseObject({
  model_type: z.enum(Object.keys(families) as ModelFamily[], {
    error: ({ input }) => {
      const why = typeof input === 'string' && Object.hasOwn(unread, input) ? ` (${unread[input]})` : '';
      const got = input === undefined ? 'nothing' : (JSON.stringify(input) ?? typeof input).slice(0, 60);
      return `must be one of ${Object.keys(families).join(', ')}, got ${got}${why}`;
    },
  }),
});

const sizesOf = (family: ModelFamily, { defaults }: Family, config: CommonConfig): Sizes => {
  const heads = config.num_attention_heads;
  return {
    family,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads,
    keyValueHeads: orDerived(config.num_key_value_heads, defaults.keyValueHeads, heads),
    headDim: orDerived(config.head_dim, defaults.headDim, Math.floor(config.hidden_size / heads)),
    epsilon: config.rms_norm_eps ?? defaults.epsilon ?? 1e-6,
    tiedHead: config.tie_word_embeddings ?? defaults.tiedHead ?? false,
    maxPositions: config.max_position_embeddings ?? defaults.maxPositions,
    initializerRange: config.initializer_range ?? 0.02,
    bosId: config.bos_token_id ?? undefined,
    eosIds: idList(config.eos_token_id),
    padId: config.pad_token_id ?? undefined,
  };
};

const checkSizes = (source: string, config: CommonConfig, { heads, keyValueHeads, headDim, layers }: Sizes): void => {
  if (heads % keyValueHeads !== 0)
    complain(
      source,
      `num_attention_heads must be a multiple of num_key_value_heads, got ${heads} and ${keyValueHeads}`,
    );
  if (headDim < 2 || headDim % 2 !== 0)
    complain(source, `head_dim must be even (its halves are rotated), got ${headDim}`);
  if (config.layer_types && config.layer_types.length !== layers)
    complain(source, `layer_types must have num_hidden_layers = ${layers} entries, got ${config.layer_types.length}`);
};

const checkLayerTypes = (source: string, { layerTypes }: Family, { layer_types: types }: CommonConfig): void => {
  const known = layerTypes ?? ['full_attention', 'sliding_attention'];
  const unknown = types?.find((type) => !known.includes(type));
  if (unknown !== undefined) complain(source, `layer_types must be of ${known.join(', ')}, got ${unknown}`);
};

/** Llama without biases: what a family says nothing about. */
const neutral = ({ layers, headDim }: Sizes): Omit<Traits, 'rope'> => ({
  queryKeyValueBias: false,
  outputBias: false,
  feedForwardBias: false,
  queryKeyNorm: undefined,
  norms: { beforeAttention: 'input_layernorm', beforeFeedForward: 'post_attention_layernorm' },
  names: {
    attention: 'self_attn',
    output: 'o_proj',
    queryNorm: 'q_norm',
    keyNorm: 'k_norm',
    feedForward: 'mlp',
    gate: 'gate_proj',
    up: 'up_proj',
    down: 'down_proj',
    finalNorm: 'norm',
  },
  normOffset: 0,
  convolution: undefined,
  experts: undefined,
  fusedProjections: false,
  activation: 'silu',
  embeddingScale: 1,
  residualScale: 1,
  scoreScale: 1,
  logitScale: 1,
  logitCap: undefined,
  windows: everywhere(layers, undefined),
  localRope: undefined,
  rotations: everywhere(layers, 'rope'),
  rotaryDim: headDim,
  rereadBeyond: undefined,
  queryGrowth: undefined,
});

/**
 * Reads a `config.json` into an {@link Architecture}. Both spellings of the rotary keys are read (`rope_theta` +
 * `rope_scaling`, and `rope_parameters`), and absent keys take the family's defaults in transformers 5.
 *
 * @param config the parsed JSON
 * @param source the name used in error messages
 * @throws RangeError naming every key that is missing, of the wrong type, or not supported
 * @example
 * ```ts
 * import { parseConfig } from '@svo/models';
 * const architecture = parseConfig({
 *   model_type: 'llama', vocab_size: 64, hidden_size: 64, intermediate_size: 192, num_hidden_layers: 2, num_attention_heads: 4,
 * });
 * architecture.headDim; // => 16
 * architecture.keyValueHeads; // => 4
 * ```
 */
export const parseConfig = (config: unknown, source = 'parseConfig'): Architecture => {
  const { model_type: name } = checked(source, familyName, config);
  const family = families[name];
  const parsed = checked(source, commonKeys, config);
  checkLayerTypes(source, family, parsed);
  const sizes = sizesOf(name, family, parsed);
  checkSizes(source, parsed, sizes);
  checkForeignKeys(source, name, parsed);
  const traits = { ...neutral(sizes), ...family.traits(parsed, sizes, source) };
  const rope = traits.rope ?? ropeParameters(parsed, sizes, source, family.defaults.theta);
  return { ...sizes, ...traits, rope };
};
