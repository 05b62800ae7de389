/** Models out to GGUF and back: every family, dtype and kind of RoPE scaling. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GgufMetadata, type GgufSource, type GgufValue, ggufChunks, writeWhole } from '@svo/files';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { readGguf } from './gguf-file.ts';
import { metadataOfModel } from './metadata-of-model.ts';
import { saveGguf } from './save-gguf.ts';

const scratch = (name = 'model.gguf'): string => join(mkdtempSync(join(tmpdir(), 'svo-')), name);
const ids = idTensor([[3, 1, 4, 1, 5, 9]]);
const logitsOf = (lm: ReturnType<typeof smallLm>, params: Record<string, ReturnType<typeof tf.tensor>>) =>
  tf.tidy(() => lm.apply(params, ids).dataSync());

beforeAll(async () => {
  await useBackend('cpu');
});

const sizes = { hidden_size: 32, intermediate_size: 64, num_key_value_heads: 2, head_dim: 8 };
const graniteScales = {
  embedding_multiplier: 3,
  residual_multiplier: 0.4,
  attention_multiplier: 0.3,
  logits_scaling: 1.7,
};
const gemma3Keys = { num_hidden_layers: 7, sliding_window: 3, query_pre_attn_scalar: 8 };
const capped = { sliding_window_pattern: 2, final_logit_softcapping: 3, rope_local_base_freq: 500, rope_theta: 7000 };
const experts = { num_experts: 3, num_experts_per_tok: 2, moe_intermediate_size: 32, norm_topk_prob: true };
const longRope = {
  max_position_embeddings: 16,
  head_dim: 8,
  partial_rotary_factor: 0.75,
  original_max_position_embeddings: 4,
  rope_scaling: { type: 'longrope', short_factor: [1, 2, 3], long_factor: [2, 4, 9] },
};
const convolutions = {
  num_hidden_layers: 3,
  layer_types: ['conv', 'full_attention', 'conv'],
  conv_L_cache: 4,
  block_auto_adjust_ff_dim: false,
};
const ministral = {
  rope_type: 'yarn',
  rope_theta: 10_000,
  factor: 4,
  original_max_position_embeddings: 4,
  mscale: 1,
  mscale_all_dim: 1,
  llama_4_scaling_beta: 0.4,
};
const families: [string, Partial<ModelConfig>][] = [
  ['llama', { model_type: 'llama' }],
  ['llama, tied', { model_type: 'llama', tie_word_embeddings: true }],
  ['llama, biases', { model_type: 'llama', attention_bias: true, mlp_bias: true }],
  ['mistral without a window', { model_type: 'mistral', sliding_window: null }],
  ['qwen2', { model_type: 'qwen2' }],
  ['qwen3, tied, heads of their own size', { model_type: 'qwen3', head_dim: 16, tie_word_embeddings: true }],
  ['qwen3, biases', { model_type: 'qwen3', attention_bias: true }],
  ['smollm3', { model_type: 'smollm3', num_hidden_layers: 5 }],
  ['granite', { ...graniteScales, model_type: 'granite' }],
  ['olmo2', { model_type: 'olmo2' }],
  ['seed_oss', { model_type: 'seed_oss' }],
  ['gemma3', { ...gemma3Keys, model_type: 'gemma3_text' }],
  ['gemma3, capped, a window in every second layer', { ...gemma3Keys, ...capped, model_type: 'gemma3_text' }],
  ['gemma3 without a window', { model_type: 'gemma3_text', sliding_window_pattern: 1, query_pre_attn_scalar: 8 }],
  ['qwen3_moe', { ...experts, model_type: 'qwen3_moe' }],
  ['olmo3', { model_type: 'olmo3', num_hidden_layers: 5, sliding_window: 3 }],
  [
    'olmo3, stretched, windows in no turn',
    {
      model_type: 'olmo3',
      num_hidden_layers: 3,
      sliding_window: 2,
      rope_theta: 500_000,
      layer_types: ['full_attention', 'full_attention', 'sliding_attention'],
      rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 4, attention_factor: 1.2 },
    },
  ],
  ['phi3', { model_type: 'phi3' }],
  ['phi3, three quarters of a head rotated, LongRoPE', { ...longRope, model_type: 'phi3', tie_word_embeddings: true }],
  ['lfm2', { ...convolutions, model_type: 'lfm2' }],
  ['lfm2, a head of its own', { ...convolutions, model_type: 'lfm2', tie_word_embeddings: false }],
  ['ministral3', { model_type: 'ministral3', rope_parameters: ministral }],
  [
    'ministral3, heads of their own size, another temperature',
    { model_type: 'ministral3', head_dim: 16, rope_parameters: { ...ministral, mscale: 2, beta_fast: 16 } },
  ],
  ['ministral3, not stretched', { model_type: 'ministral3', rope_parameters: { ...ministral, rope_type: 'default' } }],
  ['linear', { rope_scaling: { rope_type: 'linear', factor: 4 } }],
  [
    'yarn',
    { model_type: 'qwen2', rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 64 } },
  ],
  [
    'llama3',
    {
      rope_theta: 500000,
      head_dim: 64,
      rope_scaling: {
        rope_type: 'llama3',
        factor: 32,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 8192,
      },
    },
  ],
  [
    'factors of its own',
    {
      rope_scaling: {
        rope_type: 'longrope',
        short_factor: [1, 2, 3, 4],
        long_factor: [1, 2, 3, 4],
        attention_factor: 1,
      },
    },
  ],
];

describe.each(families)('%s', (_, change) => {
  const lm = smallLm({ ...sizes, ...change });

  test('F32: the same numbers, and the same model', async () => {
    const params = randomised(lm.init(1));
    const path = scratch();
    await saveGguf(path, { lm, params, dtype: 'F32' });
    const loaded = await loadPretrained(path);
    expect(Object.keys(loaded.params)).toEqual(Object.keys(params));
    // A Gemma's norms are there with 1 added, which rounds.
    const rounding = (name: string): number =>
      lm.architecture.normOffset !== 0 && name.endsWith('norm.weight') ? 2 ** -23 : 0;
    for (const [name, value] of Object.entries(params))
      expect(largestGap(loaded.params[name]!.dataSync(), value.dataSync()), name).toBeLessThanOrEqual(rounding(name));
    const { family: _, windows: __, initializerRange: ___, rope, ...rest } = lm.architecture;
    expect(loaded.lm.architecture).toMatchObject({ ...rest, rope: { type: rope.type, theta: rope.theta } });
    expect(largestGap(logitsOf(loaded.lm, loaded.params), logitsOf(lm, params))).toBeLessThan(1e-5);
    expect(loaded.ignored).toEqual([]);
    expect(loaded.tokenizer).toBeUndefined();
    tf.dispose([params, loaded.params]);
  });

  test.each([
    ['F16', 2 ** -10],
    ['BF16', 2 ** -7],
    ['Q8_0', 1 / 100],
  ] as const)('%s: numbers within the dtype’s step', async (dtype, step) => {
    const params = randomised(lm.init(1));
    const path = scratch();
    await saveGguf(path, { lm, params, dtype });
    const loaded = await loadPretrained(path);
    for (const [name, value] of Object.entries(params)) {
      const [expected, actual] = [value.dataSync(), loaded.params[name]!.dataSync()];
      const most = Math.max(...Array.from(expected, Math.abs));
      const exact = value.rank !== 2 || name.endsWith('.mlp.gate.weight');
      expect(largestGap(actual, expected), name).toBeLessThanOrEqual(exact ? 2 ** -22 : most * step);
    }
    tf.dispose([params, loaded.params]);
  });
});

test('a Llama’s query and key rows are paired as ggml rotates them', async () => {
  const lm = smallLm({ ...sizes, num_hidden_layers: 1 });
  const params = randomised(lm.init(1));
  const path = scratch();
  await saveGguf(path, { lm, params, dtype: 'F32' });
  const { tensors } = await readGguf(path);
  const { start } = tensors.get('blk.0.attn_k.weight')!;
  const bytes = readFileSync(path);
  const rowInFile = (row: number) =>
    new Float32Array(Uint8Array.from(bytes.subarray(start + row * 128, start + (row + 1) * 128)).buffer);
  const ours = params['model.layers.0.self_attn.k_proj.weight']!.dataSync();
  // Heads of 8 rows: ggml's rows 0, 1, 2, … are rows 0, 4, 1, 5, … of each head.
  [0, 4, 1, 5, 2, 6, 3, 7, 8, 12].forEach((row, i) => {
    expect(rowInFile(i)).toEqual(ours.slice(row * 32, (row + 1) * 32));
  });
});

test('a tokenizer that cannot be saved leaves no file', async () => {
  const path = scratch();
  const lm = smallLm(sizes);
  const params = lm.init(1);
  await expect(saveGguf(path, { lm, params, tokenizer: characterTokenizer('ab') })).rejects.toThrow(/must be BPE/);
  expect(readdirSync(join(path, '..'))).toEqual([]);
  tf.dispose(params);
});

describe('what is refused', () => {
  const lm = smallLm(sizes);
  const params = lm.init(1);
  const metadata = metadataOfModel(lm, 'F32', 'small');
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
  const w: GgufSource = { name: 'token_embd.weight', shape: [19, 32], dtype: 'F32', data: () => new Float32Array(608) };

  test.each<[string, GgufMetadata, GgufSource[], RegExp]>([
    [
      'an architecture',
      { 'general.architecture': { type: 'string', value: 'bert' } },
      [w],
      /one of llama, qwen2, qwen3, qwen3moe, .*got 'bert'/,
    ],
    ['partial rotation', { 'llama.rope.dimension_count': uint32(4) }, [w], /must be the head's 8 .*got 4/],
    ['experts', { 'llama.expert_count': uint32(8) }, [w], /expert_count must be 0/],
    ['a billion layers', { 'llama.block_count': uint32(1e9) }, [w], /num_hidden_layers/],
    [
      'scaling',
      { 'llama.rope.scaling.type': { type: 'string', value: 'su' }, 'llama.rope.scaling.factor': uint32(4) },
      [w],
      /got 'su'/,
    ],
    ['no embedding', {}, [], /lacks the tensor token_embd.weight/],
    ['missing weights', {}, [w], /model.layers.0.input_layernorm.weight is missing/],
    ['one part of two', { 'split.count': uint32(2) }, [w], /one of 2 parts/],
  ])('%s', async (_, change, tensors, message) => {
    const path = scratch();
    await writeWhole(path, ggufChunks(tensors, { ...metadata, ...change }));
    const before = tf.memory().numTensors;
    await expect(loadPretrained(path)).rejects.toThrow(message);
    await expect(loadPretrained(path)).rejects.toThrow(path);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a file that is not there, or is no GGUF', async () => {
    await expect(loadPretrained(scratch())).rejects.toThrow(/there is no file/);
    const path = scratch();
    writeFileSync(path, 'hello, world');
    await expect(loadPretrained(path)).rejects.toThrow(/must begin with "GGUF"/);
  });

  test('a folder wins, whatever its name ends in', async () => {
    const folder = scratch('folder.gguf');
    await savePretrained(folder, { lm, params });
    expect(statSync(folder).isDirectory()).toBe(true);
    const loaded = await loadPretrained(folder);
    expect(loaded.lm.architecture.hiddenSize).toBe(32);
    tf.dispose(loaded.params);
  });

  test.each<[string, Parameters<typeof saveGguf>[1], RegExp]>([
    ['a sliding window', { lm: smallLm({ ...sizes, model_type: 'mistral' }), params }, /no sliding window for llama/],
    [
      'dynamic scaling',
      { lm: smallLm({ ...sizes, rope_scaling: { rope_type: 'dynamic', factor: 2 } }), params },
      /got dynamic/,
    ],
    [
      'layers without positions that are not every fourth',
      { lm: smallLm({ ...sizes, model_type: 'smollm3', no_rope_layers: [0, 1] }), params },
      /no other smollm3: no_rope_layers must be every fourth/,
    ],
    [
      'another scalar of Gemma',
      { lm: smallLm({ ...sizes, ...gemma3Keys, model_type: 'gemma3_text', query_pre_attn_scalar: 20 }), params },
      /query_pre_attn_scalar must be 8/,
    ],
    [
      'shares of experts that are not normed',
      { lm: smallLm({ ...sizes, ...experts, model_type: 'qwen3_moe', norm_topk_prob: false }), params },
      /norm_topk_prob must be true/,
    ],
    [
      'a window of Phi-3',
      { lm: smallLm({ ...sizes, model_type: 'phi3', sliding_window: 9 }), params },
      /no sliding window for phi3/,
    ],
    [
      'heads of another width',
      { lm: smallLm({ ...sizes, model_type: 'olmo2', head_dim: 16 }), params },
      /no other olmo2: head_dim must be .* = 8, got 16/,
    ],
    [
      'a tied head of OLMo 3',
      { lm: smallLm({ ...sizes, model_type: 'olmo3', tie_word_embeddings: true }), params },
      /no other olmo3: tie_word_embeddings must be false/,
    ],
    [
      'two bases of RoPE',
      { lm: smallLm({ ...sizes, model_type: 'olmo3', rope_theta: 10_000 }), params },
      /rope_theta must be the same for both kinds of layers, got 10000 and 500000/,
    ],
    [
      'convolutions with biases',
      { lm: smallLm({ ...sizes, ...convolutions, model_type: 'lfm2', conv_bias: true }), params },
      /no other lfm2: conv_bias must be false/,
    ],
    [
      'a Ministral stretched otherwise',
      {
        lm: smallLm({ ...sizes, model_type: 'ministral3', rope_parameters: { ...ministral, rope_type: 'linear' } }),
        params,
      },
      /rope_type must be yarn or default, got linear/,
    ],
    ['another dtype', { lm, params, dtype: 'Q4_1' as 'Q8_0' }, /dtype must be F32, F16, BF16, Q8_0 or Q4_0, got Q4_1/],
    ['missing parameters', { lm, params: {} }, /params\['model.embed_tokens.weight'\] must be/],
    ['an unknown option', { lm, params, shards: 2 } as never, /shards/],
  ])('to save %s', async (_, options, message) => {
    await expect(saveGguf(scratch(), options)).rejects.toThrow(message);
  });

  test('to save under another ending', async () => {
    await expect(saveGguf(scratch('model.bin'), { lm, params })).rejects.toThrow(/must end in .gguf/);
  });
});

test('parts as gguf-split names them are one model', async () => {
  const lm = smallLm(sizes);
  const params = randomised(lm.init(2));
  const path = scratch();
  await saveGguf(path, { lm, params, dtype: 'F32' });
  const { metadata, tensors } = await readGguf(path);
  const bytes = readFileSync(path);
  const sources = [...tensors].map(
    ([name, { shape, start, end }]): GgufSource => ({
      name,
      shape,
      dtype: 'F32',
      data: () => new Float32Array(Uint8Array.from(bytes.subarray(start, end)).buffer),
    }),
  );
  const [first, second] = ['1', '2'].map((part) => join(path, '..', `big-0000${part}-of-00002.gguf`));
  const split = {
    'split.count': { type: 'uint16', value: 2 },
    'split.tensors.count': { type: 'int32', value: sources.length },
  } as const;
  await writeWhole(first!, ggufChunks(sources.slice(0, 5), { ...metadata, ...split }));
  await expect(loadPretrained(first!)).rejects.toThrow(/lacks its part .*big-00002-of-00002.gguf/);
  await writeWhole(second!, ggufChunks(sources.slice(5), split));
  const loaded = await loadPretrained(first!);
  for (const name of Object.keys(params))
    expect(loaded.params[name]!.dataSync(), name).toEqual(params[name]!.dataSync());
  await expect(loadPretrained(second!)).rejects.toThrow();
  tf.dispose([params, loaded.params]);
});
