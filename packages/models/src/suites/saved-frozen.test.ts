/** Models with frozen matrices, saved: the numbers they stand for, with adapters added or without. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import { applyLora, initLora, mergeLora } from '../decoder/lora.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { saveGguf } from '../gguf/save-gguf.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { idTensor, largestGap, randomised } from '../test-support/small-models.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svo-saved-frozen-'));
  await useBackend('cpu');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lora = { rank: 2, alpha: 3 };
const ids = idTensor([[3, 9, 4, 7, 1]]);
const configs = familyConfigs.filter(([name]) => /^(?:llama|qwen3_moe|phi3|lfm2)/.test(name));

describe.each(configs)('%s', (name, config) => {
  test.each(['stored', 'int8', 'int4'] as const)('%s: what is read again is the model it was', async (weights) => {
    const plain = causalLm(config);
    const place = join(folder, `${name}-${weights}`);
    const written = randomised(plain.init(1));
    await savePretrained(place, { lm: plain, params: written, dtype: 'BF16' });
    const { lm: base, params } = await loadPretrained(place, { weights });
    await savePretrained(`${place}-again`, { lm: base, params });
    const again = await loadPretrained(`${place}-again`);
    const logits = (lm: typeof base, given: Record<string, Tensor>) => tf.tidy(() => lm.apply(given, ids).dataSync());
    expect(largestGap(logits(again.lm, again.params), logits(base, params))).toBeLessThan(1e-5);

    const lm = applyLora(base, lora);
    const trained = { ...params, ...randomised(initLora(lm, lora, 1), 6) };
    await savePretrained(`${place}-merged`, { lm, params: trained, mergeAdapters: true });
    const merged = await loadPretrained(`${place}-merged`);
    // To the last bit what mergeLora makes of the float32 model.
    const adapters = Object.entries(trained).filter(([key]) => key.includes('lora_'));
    const expected = mergeLora({ ...again.params, ...Object.fromEntries(adapters) }, lora);
    for (const [key, value] of Object.entries(expected))
      expect(merged.params[key]!.dataSync(), key).toEqual(value.dataSync());
    expect(largestGap(logits(merged.lm, merged.params), logits(lm, trained))).toBeLessThan(1e-4);
    tf.dispose([written, trained, again.params, merged.params, expected]);
  });
});

test('a GGUF file of a frozen model holds the same, merged or not', async () => {
  const [, config] = configs[0]!;
  const sized = { ...config, hidden_size: 32, intermediate_size: 64 };
  const plain = causalLm(sized);
  await savePretrained(join(folder, 'g'), { lm: plain, params: randomised(plain.init(1)) });
  const { lm: base, params } = await loadPretrained(join(folder, 'g'), { weights: 'int8' });
  const lm = applyLora(base, lora);
  const trained = { ...params, ...randomised(initLora(lm, lora, 1), 6) };
  for (const mergeAdapters of [false, true]) {
    const path = join(folder, `${mergeAdapters}.gguf`);
    await saveGguf(path, { lm, params: trained, dtype: 'F32', mergeAdapters });
    await savePretrained(path.replace('.gguf', ''), { lm, params: trained, mergeAdapters });
    const [one, other] = [await loadPretrained(path), await loadPretrained(path.replace('.gguf', ''))];
    for (const [key, value] of Object.entries(other.params))
      expect(one.params[key]!.dataSync(), key).toEqual(value.dataSync());
  }
});

test('adapters without their other half or their model are refused, and no folder is left', async () => {
  const plain = causalLm(configs[0]![1]);
  const lm = applyLora(plain, lora);
  const params = { ...plain.init(1), ...initLora(lm, lora, 1) };
  const place = join(folder, 'none');
  await expect(savePretrained(place, { lm: plain, params, mergeAdapters: true })).rejects.toThrow(
    'savePretrained: mergeAdapters needs the lm that carries them (applyLora(lm, settings))',
  );
  const { 'model.layers.0.self_attn.q_proj.lora_B.weight': _, ...half } = params;
  await expect(savePretrained(place, { lm, params: half, mergeAdapters: true })).rejects.toThrow(
    /q_proj\.lora_A\.weight has no other half .*q_proj\.lora_B\.weight/,
  );
  const stray = { ...params, 'x.lora_A.weight': tf.zeros([2, 4]), 'x.lora_B.weight': tf.zeros([4, 2]) };
  await expect(saveGguf(`${place}.gguf`, { lm, params: stray, mergeAdapters: true })).rejects.toThrow(
    'saveGguf: x.lora_A.weight belongs to no matrix of the model',
  );
  expect((await readdir(folder)).filter((entry) => entry.startsWith('none'))).toEqual([]);
});
