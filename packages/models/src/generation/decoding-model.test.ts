/** Generation whose activations are rounded: near the exact one, its rows independent of each other, and nothing else touched by it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { tf, useBackend } from '@svo/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CausalLm, causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { idTensor, largestGap } from '../test-support/small-models.ts';
import { generate } from './generate.ts';

/** 100 columns of the feed-forward are no whole blocks: its last product stays exact. */
const config: ModelConfig = {
  model_type: 'llama',
  vocab_size: 301,
  hidden_size: 64,
  intermediate_size: 100,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  initializer_range: 0.2,
};
const prompts = [[3, 9, 4], [1], [5, 6, 7, 8, 2, 10, 3]];
const settings = { maxTokens: 12, stopIds: [], seed: 4 };

let lm: CausalLm;
let params: Awaited<ReturnType<typeof loadPretrained>>['params'];

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
  await installKernels();
  const folder = await mkdtemp(join(tmpdir(), 'svo-int8-'));
  const plain = causalLm(config);
  await savePretrained(folder, { lm: plain, params: plain.init(1) });
  ({ lm, params } = await loadPretrained(folder, { weights: 'int8' }));
  await rm(folder, { recursive: true });
});

afterAll(() => useBackend('cpu'));

const scored = (text: readonly number[]): number[] =>
  tf.tidy(() => Array.from(lm.tokenLogps(params, idTensor([[...text]])).dataSync()));

test('rounded logps lie near the exact ones of the same text, and are others; scoring before and after is the same', async () => {
  const exact = await generate(lm, params, prompts, settings);
  const rounded = await generate(lm, params, prompts, { ...settings, activations: 'int8' });
  for (const [index, [row]] of rounded.entries()) {
    const text = [...prompts[index]!, ...row!.ids];
    const due = scored(text).slice(prompts[index]!.length);
    // The first token follows from the prompt, which is read exactly.
    expect(row!.logps[0]).toBe(due[0]);
    const gap = largestGap(row!.logps, due);
    expect(gap).toBeGreaterThan(1e-6);
    expect(gap).toBeLessThan(0.1);
  }
  const again = await generate(lm, params, prompts, { ...settings, activations: 'float32' });
  expect(again).toEqual(exact);
  for (const [index, [row]] of exact.entries())
    expect(row!.logps).toEqual(scored([...prompts[index]!, ...row!.ids]).slice(prompts[index]!.length));
});

test('a row is the same alone, beside others, and with other kernels threads', async () => {
  const options = { ...settings, activations: 'int8', samples: 30 } as const;
  // 90 rows: more than products of few rows take.
  const together = await generate(lm, params, prompts, options);
  const alone = await generate(lm, params, prompts, { ...options, batchRows: 1 });
  expect(alone).toEqual(together);
  await installKernels({ threads: 1 });
  expect(await generate(lm, params, prompts, options)).toEqual(together);
  await installKernels();
});

test('it is refused where nothing could be rounded, and for other names', async () => {
  const float = causalLm(config);
  const weights = float.init(1);
  await expect(generate(float, weights, prompts, { ...settings, activations: 'int8' })).rejects.toThrow(
    "generate: activations 'int8' need weights stored in Q8_0, Q4_0 or Q4_1",
  );
  tf.dispose(weights);
  await expect(generate(lm, params, prompts, { ...settings, activations: 'int4' as 'int8' })).rejects.toThrow(
    "generate: activations must be 'float32' or 'int8', got \"int4\"",
  );
});
