/** Log-probs of generated tokens are `tokenLogps` of the same text, bit for bit, where our own kernels or ONNX Runtime multiply; of frozen weights too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CausalLm, causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import { applyLora, initLora } from '../decoder/lora.ts';
import { loadPretrained, savePretrained } from '../folders/pretrained.ts';
import { generate } from '../generation/generate.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { idTensor, randomised } from '../test-support/small-models.ts';

/** Large enough for every way a product can take: few rows and many, several blocks of the depth, ours and the library's. */
const large: readonly (readonly [string, ModelConfig])[] = (
  [
    ['llama, 320 wide', { model_type: 'llama', num_key_value_heads: 5, num_hidden_layers: 2 }],
    [
      'qwen2, 320 wide',
      { model_type: 'qwen2', num_key_value_heads: 1, num_hidden_layers: 1, tie_word_embeddings: true },
    ],
  ] as const
).map(([name, change]) => {
  const sizes = { vocab_size: 701, hidden_size: 320, intermediate_size: 900 };
  return [name, { ...sizes, num_attention_heads: 5, initializer_range: 0.1, ...change }];
});

/** Why the library cannot be had here. */
const absent = await useBackend('wasm', { threads: 2 })
  .then(() => installKernels({ engine: 'onnxruntime' }))
  .then(
    () => undefined,
    (error: unknown) => String(error),
  );
if (absent) console.warn(absent);

const maxTokens = 21;
const prompts = [
  [3, 9, 4],
  [1],
  [5, 6, 7, 8, 2, 10, 3, 4, 4, 9, 11, 2, 2, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [12, 13],
];

/** Texts of one batch, padded behind; their log-probs, row by row. */
const together = (lm: CausalLm, params: Record<string, Tensor>, texts: readonly (readonly number[])[]): number[][] => {
  const longest = Math.max(...texts.map(({ length }) => length));
  const padded = texts.map((text) => [...text, ...new Array<number>(longest - text.length).fill(0)]);
  const all = tf.tidy(() => lm.tokenLogps(params, idTensor(padded)).arraySync()) as number[][];
  return all.map((row, index) => row.slice(0, texts[index]!.length));
};

/** One token's log-prob, asked for alone: products of one row in the last layer and the head. */
const alone = (lm: CausalLm, params: Record<string, Tensor>, text: readonly number[], token: number): number => {
  const scored = { data: text.map((_, at) => (at === token ? 0 : -1)), shape: [1, text.length] };
  return tf.tidy(() => lm.tokenLogps(params, idTensor([[...text]]), { scored }).dataSync()[token]!);
};

/** `pnpm fuzz` tries everything; `npm test` the small families with adapters alone, whose products hold the plain ones. */
const whole = process.env.SVO_EVERY_PLACE !== undefined;
/** Every how many tokens one is asked for alone. */
const stride = whole ? 1 : 4;

const compare = async (lm: CausalLm, params: Record<string, Tensor>): Promise<void> => {
  const settings = { maxTokens, samples: 2, stopIds: [0], seed: 4 };
  const written = await generate(lm, params, prompts, settings);
  const rows = prompts.flatMap((prompt, index) =>
    written[index]!.map(({ ids, logps }) => ({ text: [...prompt, ...ids], from: prompt.length, logps })),
  );
  const texts = rows.map(({ text }) => text);
  for (const [index, logps] of together(lm, params, texts).entries())
    expect(logps.slice(rows[index]!.from)).toEqual(rows[index]!.logps);
  const [first] = rows;
  for (let index = 0; index < first!.logps.length; index += stride)
    expect(alone(lm, params, first!.text, first!.from + index)).toBe(first!.logps[index]);
  const single = await generate(lm, params, prompts.slice(0, 1), { ...settings, samples: 1 });
  expect(single[0]![0]!.logps).toEqual(first!.logps);
};

describe.each([
  ['wasm', undefined],
  ['onnxruntime', absent],
] as const)('%s', (engine, missing) => {
  describe.skipIf(missing)('products', () => {
    beforeAll(async () => {
      await useBackend('wasm', { threads: 2 });
      await installKernels({ engine });
    });

    afterAll(() => useBackend('cpu'));

    test.each(
      large
        .slice(0, 1)
        .flatMap(([name, config]) =>
          (['stored', 'int8', 'int4'] as const).map((weights) => [name, weights, config] as const),
        ),
    )('%s, frozen as %s, with and without adapters', async (_, weights, config) => {
      const folder = await mkdtemp(join(tmpdir(), 'svo-zero-'));
      const plain = causalLm(config);
      const init = plain.init(1);
      await savePretrained(folder, { lm: plain, params: init, dtype: 'BF16' });
      tf.dispose(init);
      const { lm: base, params } = await loadPretrained(folder, { weights });
      await rm(folder, { recursive: true });
      await compare(base, params);
      const lora = { rank: 16, alpha: 20 };
      const lm = applyLora(base, lora);
      await compare(lm, { ...params, ...randomised(initLora(lm, lora, 1), 6) });
    });

    test.each([...familyConfigs, ...large])('%s, with and without adapters', async (name, config) => {
      const base = causalLm(config);
      const wide = name.includes('wide');
      const params = wide ? base.init(1) : randomised(base.init(1));
      if (wide || whole) await compare(base, params);
      const lora = { rank: 16, alpha: 20 };
      const lm = applyLora(base, lora);
      await compare(lm, { ...params, ...randomised(initLora(lm, lora, 1), 6) });
    });
  });
});
