import { describe, expect, test } from 'vitest';
import { smallConfig } from '../../test-support/small-models.ts';
import { parseConfig } from './config.ts';

const parse = (change: Record<string, unknown> = {}) =>
  parseConfig({ ...smallConfig, num_key_value_heads: undefined, ...change });

describe('parseConfig', () => {
  test('family defaults are transformers’', () => {
    expect(parse()).toMatchObject({
      keyValueHeads: 4,
      headDim: 4,
      epsilon: 1e-6,
      tiedHead: false,
      maxPositions: 2048,
      initializerRange: 0.02,
    });
    expect(parse({ model_type: 'mistral', num_attention_heads: 8 })).toMatchObject({
      keyValueHeads: 8,
      windows: [4096, 4096],
      maxPositions: 131072,
    });
    expect(parse({ model_type: 'qwen2', num_attention_heads: 32, hidden_size: 64 })).toMatchObject({
      keyValueHeads: 32,
      headDim: 2,
      maxPositions: 32768,
    });
    expect(parse({ model_type: 'qwen3', num_attention_heads: 32 })).toMatchObject({
      headDim: 128,
      queryKeyNorm: 'head',
    });
  });

  test('null means derived, absent means the family’s default', () => {
    expect(parse({ model_type: 'mistral', num_key_value_heads: null }).keyValueHeads).toBe(4);
    expect(parse({ model_type: 'qwen3', head_dim: null, num_key_value_heads: null }).headDim).toBe(4);
    expect(parse({ model_type: 'mistral', num_key_value_heads: 2, sliding_window: null }).windows).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('biases by family', () => {
    const biases = (change: Record<string, unknown>) => {
      const { queryKeyValueBias, outputBias, feedForwardBias } = parse({ num_key_value_heads: 2, ...change });
      return [queryKeyValueBias, outputBias, feedForwardBias];
    };
    expect(biases({})).toEqual([false, false, false]);
    expect(biases({ attention_bias: true, mlp_bias: true })).toEqual([true, true, true]);
    expect(biases({ model_type: 'qwen2' })).toEqual([true, false, false]);
    expect(biases({ model_type: 'qwen3', attention_bias: true })).toEqual([true, true, false]);
    expect(biases({ model_type: 'mistral', attention_bias: true })).toEqual([false, false, false]);
  });

  test('which layers have a window', () => {
    const windows = (change: Record<string, unknown>) =>
      parse({ model_type: 'qwen2', num_key_value_heads: 2, num_hidden_layers: 3, sliding_window: 7, ...change })
        .windows;
    expect(windows({})).toEqual([undefined, undefined, undefined]);
    expect(windows({ use_sliding_window: true, max_window_layers: 1 })).toEqual([undefined, 7, 7]);
    expect(windows({ use_sliding_window: true })).toEqual([undefined, undefined, undefined]);
    const layer_types = ['sliding_attention', 'full_attention', 'sliding_attention'];
    expect(windows({ use_sliding_window: true, layer_types })).toEqual([7, undefined, 7]);
    expect(windows({ model_type: 'llama' })).toEqual([undefined, undefined, undefined]);
  });

  test('end-of-sequence ids: none, one, several', () => {
    expect(parse().eosIds).toEqual([]);
    expect(parse({ eos_token_id: 2 }).eosIds).toEqual([2]);
    expect(parse({ eos_token_id: [2, 5] }).eosIds).toEqual([2, 5]);
  });

  test('rotary keys in either spelling', () => {
    const rope = { rope_type: 'linear', rope_theta: 5000, factor: 2 };
    const expected = { type: 'linear', theta: 5000, factor: 2 };
    expect(parse({ rope_parameters: rope }).rope).toEqual(expected);
    expect(parse({ rope_theta: 5000, rope_scaling: { type: 'linear', factor: 2 } }).rope).toEqual(expected);
    expect(parse({ rope_theta: 5000, rope_scaling: null }).rope).toEqual({ type: 'default', theta: 5000 });
    expect(parse().rope).toEqual({ type: 'default', theta: 10000 });
  });

  test.each([
    [{ model_type: 'gemma' }, /model_type: must be one of llama, .*, got "gemma"$/],
    [
      { model_type: 'qwen3_vl_moe' },
      /got "qwen3_vl_moe" \(the experts of its files lie in one stack, which is not read\)/,
    ],
    [{ hidden_size: undefined }, /hidden_size/],
    [{ hidden_size: -4 }, /hidden_size/],
    [{ vocab_size: 1.5 }, /vocab_size/],
    [{ vocab_size: '97' }, /vocab_size/],
    [{ hidden_act: 'gelu' }, /hidden_act/],
    [{ num_key_value_heads: 3 }, /num_attention_heads must be a multiple of num_key_value_heads, got 4 and 3/],
    [{ head_dim: 5 }, /head_dim must be even/],
    [{ num_hidden_layers: 1e9 }, /num_hidden_layers/],
    [{ layer_types: ['full_attention'] }, /layer_types must have num_hidden_layers = 2 entries, got 1/],
    [{ quantization_config: { bits: 4 } }, /quantised weights are not read/],
    [{ rope_scaling: { type: 'mrope', factor: 2 } }, /rope type 'mrope' is not supported/],
    [{ rope_scaling: { type: 'longrope', factor: 2 } }, /rope_scaling.short_factor is needed/],
    [{ rope_scaling: { type: 'linear' } }, /rope_scaling.factor is needed/],
    [{ rope_scaling: { type: 'linear', factor: 'x' } }, /rope_scaling.factor/],
    [{ rope_parameters: { partial_rotary_factor: 0.5 } }, /only full rotation/],
    [{ rope_theta: 0 }, /rope_theta must be > 1, got 0/],
  ])('refuses %o', (change, message) => {
    expect(() => parse({ num_key_value_heads: 2, ...change })).toThrow(message);
  });

  test.each([
    [{ logits_scaling: 8 }, /logits_scaling: is not implemented for model_type 'llama', got 8/],
    [{ model_type: 'granite', attn_logit_softcapping: 30 }, /attn_logit_softcapping: is not implemented for/],
    [{ model_type: 'qwen3', num_experts: 8 }, /num_experts: is not implemented for/],
    [{ model_type: 'granite', residual_multiplier: 0 }, /residual_multiplier/],
    [{ model_type: 'smollm3', no_rope_layers: [1] }, /no_rope_layers must have num_hidden_layers = 2 entries, got 1/],
    [{ model_type: 'smollm3', layer_types: ['sliding_attention', 'full_attention'] }, /needs use_sliding_window/],
    [{ model_type: 'olmo3', rope_parameters: { rope_type: 'default' } }, /full_attention and sliding_attention within/],
    [{ model_type: 'olmo3', sliding_window: null }, /sliding_window is needed/],
    [
      { model_type: 'gemma3_text', rope_parameters: { sliding_attention: { rope_type: 'dynamic', factor: 2 } } },
      /sliding_attention: rope type 'dynamic' is not supported there/,
    ],
    [{ model_type: 'gemma3_text', attn_logit_softcapping: 50 }, /capped attention scores are not implemented/],
    [{ model_type: 'gemma3_text', use_bidirectional_attention: true }, /use_bidirectional_attention: is not impl/],
    [{ model_type: 'gemma3_text', hidden_activation: 'relu' }, /hidden_activation/],
    [{ model_type: 'phi3', partial_rotary_factor: 0.3 }, /partial_rotary_factor must rotate an even number/],
    [{ model_type: 'phi3', rope_scaling: { type: 'linear', factor: 2 } }, /rope type must be default or longrope/],
    [{ model_type: 'ministral3', rope_parameters: { rope_type: 'default' } }, /llama_4_scaling_beta is needed/],
  ])('refuses what a family does not implement: %o', (change, message) => {
    expect(() => parse({ num_key_value_heads: 2, ...change })).toThrow(message);
  });

  test.each([[null], [[]], ['llama']])('refuses %o, which is no object', (config) => {
    expect(() => parseConfig(config, 'here')).toThrow(/^here: config/);
  });

  test('names every offender at once', () => {
    expect(() => parse({ hidden_size: 0, vocab_size: 0 })).toThrow(/vocab_size.*hidden_size/);
  });
});
