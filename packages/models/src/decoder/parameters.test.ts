import { tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { smallConfig } from '../test-support/small-models.ts';
import { parseConfig } from './config/config.ts';
import { checkParameters, initialParameters, normalValues, parameterShapes, partName } from './parameters.ts';

const architecture = (change: object = {}) => parseConfig({ ...smallConfig, num_hidden_layers: 1, ...change });

beforeAll(async () => {
  await useBackend('cpu');
});

test('names and shapes are Hugging Face’s', () => {
  expect(parameterShapes(architecture({ model_type: 'qwen3', head_dim: 6 }))).toEqual({
    'model.embed_tokens.weight': [19, 16],
    'model.layers.0.input_layernorm.weight': [16],
    'model.layers.0.self_attn.q_proj.weight': [24, 16],
    'model.layers.0.self_attn.k_proj.weight': [12, 16],
    'model.layers.0.self_attn.v_proj.weight': [12, 16],
    'model.layers.0.self_attn.o_proj.weight': [16, 24],
    'model.layers.0.mlp.gate_proj.weight': [24, 16],
    'model.layers.0.mlp.up_proj.weight': [24, 16],
    'model.layers.0.mlp.down_proj.weight': [16, 24],
    'model.layers.0.self_attn.q_norm.weight': [6],
    'model.layers.0.self_attn.k_norm.weight': [6],
    'model.layers.0.post_attention_layernorm.weight': [16],
    'model.norm.weight': [16],
    'lm_head.weight': [19, 16],
  });
  expect(parameterShapes(architecture({ tie_word_embeddings: true }))).not.toHaveProperty('lm_head.weight');
  const biased = Object.keys(parameterShapes(architecture({ attention_bias: true, mlp_bias: true }))).filter((name) =>
    name.endsWith('bias'),
  );
  expect(biased.map((name) => name.split('.').at(-2))).toEqual([
    'q_proj',
    'k_proj',
    'v_proj',
    'o_proj',
    'gate_proj',
    'up_proj',
    'down_proj',
  ]);
  expect([partName(3, 'self_attn', 'o_proj'), partName(0, 'mlp', 'up_proj')]).toEqual([
    'model.layers.3.self_attn.o_proj',
    'model.layers.0.mlp.up_proj',
  ]);
});

test('fresh parameters have these names and shapes; biases are 0', () => {
  const shapes = parameterShapes(architecture({ model_type: 'qwen2' }));
  const params = initialParameters(architecture({ model_type: 'qwen2' }), 1);
  expect(Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, shape]))).toEqual(shapes);
  expect(Math.max(...params['model.layers.0.self_attn.q_proj.bias']!.dataSync())).toBe(0);
});

test('normal values are seeded and labelled', () => {
  expect(normalValues(1, 'a', 3, 1)).toEqual(normalValues(1, 'a', 5, 1).slice(0, 3));
  expect(normalValues(1, 'a', 3, 1)).not.toEqual(normalValues(1, 'b', 3, 1));
  expect(normalValues(1, 'a', 3, 2)[1]).toBeCloseTo(2 * normalValues(1, 'a', 3, 1)[1]!, 6);
});

test('checkParameters names what is missing or misshapen, and allows more', () => {
  const params = { a: tf.zeros([2, 3]), more: tf.zeros([1]) };
  expect(() => checkParameters('here', params, { a: [2, 3] })).not.toThrow();
  expect(() => checkParameters('here', params, { a: [3, 2] })).toThrow(
    /here: params\['a'\] must be \[3,2\], got \[2,3\]/,
  );
  expect(() => checkParameters('here', params, { a: [2, 3, 1] })).toThrow(/got \[2,3\]/);
  expect(() => checkParameters('here', params, { b: [1] })).toThrow(/params\['b'\] must be \[1\], got nothing/);
});
