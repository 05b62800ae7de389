/** What we save, read by transformers and PEFT. Needs a Python that has them, named in SVO_PEER_PYTHON; skipped without. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Tensor, tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { saveAdapters } from './adapter-folder.ts';
import { type CausalLm, causalLm } from './causal-lm.ts';
import { characterTokenizer } from './character-tokenizer.ts';
import type { ModelConfig } from './config.ts';
import { generate } from './generate.ts';
import { applyLora, initLora } from './lora.ts';
import { normalValues, type Params } from './parameters.ts';
import { savePretrained } from './pretrained.ts';

const python = process.env.SVO_PEER_PYTHON;
const script = fileURLToPath(new URL('../peers/logits.py', import.meta.url));

const sizes = {
  vocab_size: 23,
  hidden_size: 16,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const configs: ModelConfig[] = [
  { ...sizes, model_type: 'llama', attention_bias: true, mlp_bias: true, rope_theta: 1000 },
  {
    ...sizes,
    model_type: 'qwen2',
    tie_word_embeddings: true,
    rope_parameters: { rope_type: 'default', rope_theta: 5000 },
  },
  { ...sizes, model_type: 'qwen3', head_dim: 8 },
  { ...sizes, model_type: 'mistral', sliding_window: 3 },
];
const rows = [
  [1, 5, 9, 3, 7, 4, 8],
  [2, 20, 22, 6, 11, 15, 19],
];

/** Every parameter random, norms and biases too: ones and zeros would hide a mistake. */
const randomParams = (lm: CausalLm): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(lm.init(1)).map(([name, value]) => [
      name,
      tf.tensor(normalValues(5, name, value.size, 0.25), value.shape).add(name.endsWith('norm.weight') ? 1 : 0),
    ]),
  );

const ask = (folder: string, ...adapter: string[]): { logits: number[][]; greedy: number[][] } =>
  JSON.parse(
    execFileSync(python!, [script, folder, JSON.stringify(rows), ...adapter], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );

const expectSame = async (
  lm: CausalLm,
  params: Params,
  theirs: { logits: number[][]; greedy: number[][] },
): Promise<void> => {
  const ids = tf.tensor2d(rows, undefined, 'int32');
  const last = (await lm.apply(params, ids).array()) as number[][][];
  const gaps = theirs.logits.flatMap((row, b) => row.map((value, v) => Math.abs(value - last[b][6][v])));
  expect(Math.max(...gaps)).toBeLessThan(1e-4);
  const greedy = await generate(lm, params, rows, { maxTokens: 8, temperature: 0, stopIds: [] });
  expect(greedy.map(([{ ids: written }]) => written)).toEqual(theirs.greedy);
};

beforeAll(async () => {
  await useBackend('cpu');
});

describe.skipIf(!python)('transformers reads what we save (set SVO_PEER_PYTHON to run)', () => {
  test.each(configs)('$model_type', { timeout: 120_000 }, async (config) => {
    const lm = causalLm(config);
    const params = randomParams(lm);
    const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
    await savePretrained(folder, { lm, params, tokenizer: characterTokenizer('0123456789'), shardBytes: 5000 });
    await expectSame(lm, params, ask(folder));
  });

  test('PEFT reads our adapters', { timeout: 120_000 }, async () => {
    const base = causalLm(configs[2]);
    const settings = { rank: 3, alpha: 6, targets: ['q_proj', 'o_proj', 'up_proj'] as const };
    const weights = randomParams(base);
    const adapters = Object.fromEntries(
      Object.entries(initLora(base, settings, 1)).map(([name, value]) => [
        name,
        tf.tensor(normalValues(6, name, value.size, 0.3), value.shape),
      ]),
    );
    const folder = mkdtempSync(join(tmpdir(), 'svo-'));
    await savePretrained(join(folder, 'base'), { lm: base, params: weights });
    await saveAdapters(join(folder, 'adapter'), { settings, params: { ...weights, ...adapters } });
    await expectSame(
      applyLora(base, settings),
      { ...weights, ...adapters },
      ask(join(folder, 'base'), join(folder, 'adapter')),
    );
  });
});
