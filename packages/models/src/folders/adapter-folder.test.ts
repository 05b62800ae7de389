import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import { applyLora, mergeLora } from '../decoder/lora.ts';
import { loadAdapters, saveAdapters } from './adapter-folder.ts';
import { loadPretrained, savePretrained } from './pretrained.ts';

const golden = fileURLToPath(new URL('../../../../test/golden', import.meta.url));
const copyOf = (name: string): string => {
  const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), name);
  cpSync(join(golden, 'adapters', name), folder, { recursive: true });
  return folder;
};

beforeAll(async () => {
  await useBackend('cpu');
});

const tied = ['tied-embedding', 'tied-head', 'tied-apart', 'tied-equal'];
const recipes = ['lora', 'rslora', 'saved-head', 'biases', 'lora-only-biases', 'some-layers', ...tied];

describe.each(recipes)('PEFT folder %s', (name) => {
  test('gives PEFT’s logits, and comes back from a save', async () => {
    const expected = JSON.parse(readFileSync(join(golden, 'adapters', name, 'expected.json'), 'utf8'));
    const { lm, params } = await loadPretrained(join(golden, 'models', expected.base));
    const adapters = await loadAdapters(join(golden, 'adapters', name), lm);
    const ids = tf.tensor2d(expected.input_ids, undefined, 'int32');
    const logits = applyLora(lm, adapters.settings).apply({ ...params, ...adapters.params }, ids);
    const last = ((await logits.array()) as number[][][]).map((row) => row.at(-1)!);
    const gaps = last.flatMap((row, b) => row.map((value, v) => Math.abs(value - expected.logits_last[b][v])));
    expect(Math.max(...gaps)).toBeLessThan(1e-4);

    const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'adapter');
    await saveAdapters(folder, adapters);
    const again = await loadAdapters(folder, lm);
    expect([again.settings, again.replaced.toSorted()]).toEqual([adapters.settings, adapters.replaced.toSorted()]);
    expect(Object.keys(again.params).toSorted()).toEqual(Object.keys(adapters.params).toSorted());
    for (const [key, value] of Object.entries(adapters.params))
      expect(again.params[key]!.dataSync()).toEqual(value.dataSync());
  });
});

test.each(tied)('PEFT folder %s, merged: a model that is tied no more', async (name) => {
  const expected = JSON.parse(readFileSync(join(golden, 'adapters', name, 'expected.json'), 'utf8'));
  const { lm, params } = await loadPretrained(join(golden, 'models', expected.base));
  const adapters = await loadAdapters(join(golden, 'adapters', name), lm);
  const merged = mergeLora({ ...params, ...adapters.params }, adapters.settings);
  const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'merged');
  await expect(savePretrained(folder, { lm, params: merged })).rejects.toThrow(/lm_head.weight, but lm ties/);
  const apart = causalLm({ ...lm.config, tie_word_embeddings: false });
  await savePretrained(folder, { lm: apart, params: merged });
  const loaded = await loadPretrained(folder);
  const ids = tf.tensor2d(expected.input_ids, undefined, 'int32');
  const logits = (await loaded.lm.apply(loaded.params, ids).array()) as number[][][];
  const gaps = logits.flatMap((row, b) => row.at(-1)!.map((value, v) => Math.abs(value - expected.logits_last[b][v])));
  expect(Math.max(...gaps)).toBeLessThan(1e-4);
});

describe('loadAdapters refuses', () => {
  const lm = causalLm(JSON.parse(readFileSync(join(golden, 'models/llama-linear-biases/config.json'), 'utf8')));
  const withConfig = (change: object): string => {
    const folder = copyOf('lora');
    const path = join(folder, 'adapter_config.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
    return folder;
  };

  test.each([
    [{ peft_type: 'IA3' }, /only LORA adapters/],
    [{ use_dora: true }, /DoRA adapters are not supported/],
    [{ rank_pattern: { q_proj: 2 } }, /rank_pattern: ranks by layer are not supported/],
    [{ lora_bias: true }, /biases of adapters/],
    [{ alpha_pattern: { q_proj: 2 } }, /alpha_pattern: alphas by layer are not supported/],
    [{ fan_in_fan_out: true }, /fan_in_fan_out: transposed weights are not supported/],
    [{ use_novelty: true }, /use_novelty: is not known here/],
    [{ alora_invocation_tokens: [1, 2] }, /activated adapters/],
    [{ trainable_token_indices: [3] }, /single trained tokens/],
    [{ init_lora_weights: 'pissa_niter_4' }, /initialisations that change the base weights/],
    [{ r: 4 }, /must be \[4,24\], got \[3,24\]/],
  ])('%o', async (change, message) => {
    await expect(loadAdapters(withConfig(change), lm)).rejects.toThrow(message);
  });

  test('adapters of a deeper model', async () => {
    const shallow = causalLm({ ...lm.config, num_hidden_layers: 1 });
    await expect(loadAdapters(copyOf('lora'), shallow)).rejects.toThrow(/is no adapter of this model/);
  });

  test('a replaced parameter that is not there', async () => {
    const { settings, params } = await loadAdapters(copyOf('lora'), lm);
    await expect(saveAdapters('nowhere', { settings, params, replaced: ['lm_head.weight'] })).rejects.toThrow(
      /replaced names lm_head.weight, which params lacks/,
    );
  });

  test('saving parameters without adapters', async () => {
    await expect(saveAdapters('nowhere', { settings: { rank: 1, alpha: 1 }, params: {} })).rejects.toThrow(
      /must hold lora_A/,
    );
  });
});
