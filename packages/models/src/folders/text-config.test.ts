/** Configs of models that read pictures too. With transformers 5.24's own small models of these types: logits within 1.2e-5 (docs/log.md). */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../decoder/config/config.ts';
import { idTensor, smallLm } from '../test-support/small-models.ts';
import { loadPretrained, savePretrained } from './pretrained.ts';
import { textConfig } from './text-config.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

const sizes = { vocab_size: 19, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 4 };
const text = { ...sizes, num_key_value_heads: 2 };
const pictures = { vision_config: { hidden_size: 8 }, image_token_index: 10 };

test('a causal model’s config is its own', () => {
  const config = { model_type: 'llama', ...sizes };
  expect(textConfig(config)).toBe(config);
});

test('Gemma 3 as released: the text part says little, the whole says when to stop', () => {
  const released = {
    model_type: 'gemma3',
    eos_token_id: [1, 106],
    ...pictures,
    text_config: {
      model_type: 'gemma3_text',
      hidden_size: 2560,
      intermediate_size: 10_240,
      num_hidden_layers: 34,
      rope_scaling: { factor: 8, rope_type: 'linear' },
      sliding_window: 1024,
    },
  };
  const { family, vocabSize, heads, keyValueHeads, headDim, tiedHead, eosIds, windows } = parseConfig(
    textConfig(released),
  );
  expect([family, vocabSize, heads, keyValueHeads, headDim, tiedHead]).toEqual([
    'gemma3_text',
    262_208,
    8,
    4,
    256,
    true,
  ]);
  expect([eosIds, windows.filter((window) => window === undefined).length]).toEqual([[1, 106], 5]);
});

const rotary = { rope_theta: 1e6, mrope_section: [2, 1, 1] };
test.each([
  ['mistral3', { text_config: { model_type: 'mistral', ...text } }, 'mistral', 1e4],
  ['qwen2_5_vl', { ...text, rope_theta: 1e6, rope_scaling: { type: 'mrope', mrope_section: [2, 1, 1] } }, 'qwen2', 1e6],
  [
    'qwen2_vl',
    { text_config: { model_type: 'qwen2_vl_text', ...text, rope_parameters: { rope_type: 'default', ...rotary } } },
    'qwen2',
    1e6,
  ],
  [
    'qwen3_vl',
    { text_config: { model_type: 'qwen3_vl_text', ...text, rope_parameters: { rope_type: 'default', ...rotary } } },
    'qwen3',
    1e6,
  ],
] as const)('%s', (model_type, keys, family, theta) => {
  const architecture = parseConfig(textConfig({ model_type, tie_word_embeddings: true, ...pictures, ...keys }));
  expect([architecture.family, architecture.tiedHead, architecture.rope]).toEqual([
    family,
    true,
    { type: 'default', theta },
  ]);
});

test('of a folder the text part is read, and saved as a model of its own', async () => {
  const lm = smallLm({ model_type: 'qwen3', head_dim: 8, rope_theta: 700 });
  const params = lm.init(1);
  const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
  await savePretrained(folder, { lm, params });
  const path = join(folder, 'config.json');
  const { model_type: _, ...inner } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ model_type: 'qwen3_vl', ...pictures, text_config: inner }));
  const loaded = await loadPretrained(folder);
  const ids = idTensor([[3, 9, 4]]);
  expect(loaded.lm.apply(loaded.params, ids).dataSync()).toEqual(lm.apply(params, ids).dataSync());
  await savePretrained(folder, { lm: loaded.lm, params: loaded.params });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ model_type: 'qwen3', ...sizes });
});

test('a model that reads pictures and is not known is refused by its name', () => {
  expect(() =>
    parseConfig(textConfig({ model_type: 'llava', text_config: { model_type: 'llama', ...sizes } })),
  ).toThrow(/model_type/);
});
