import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { generate } from '../generation/generate.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { loadTokenizer } from './model-folder.ts';
import { loadPretrained, savePretrained } from './pretrained.ts';

const golden = fileURLToPath(new URL('../../../../test/golden/models', import.meta.url));
const folders = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Numbers transformers computed for a folder, in float32 from the stored values. */
interface Expected {
  readonly input_ids: number[][];
  readonly logits_last: number[][];
  readonly logps_next: number[][];
  readonly greedy_from_first_6: number[][];
  /** The same of a model that was cast to its half precision and back, buffers included. */
  readonly cast_as_a_whole?: Pick<Expected, 'logits_last' | 'logps_next'>;
}

const expectedOf = (name: string): Expected => JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8'));

const casted = folders.filter((name) => expectedOf(name).cast_as_a_whole);

const largestGap = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));

beforeAll(async () => {
  await useBackend('cpu');
});

test.each(casted)(
  'transformers folder %s, whose model was cast as a whole: roundFrequencies gives its numbers',
  async (name) => {
    const { input_ids, cast_as_a_whole: expected } = expectedOf(name);
    const { lm, params } = await loadPretrained(join(golden, name), { roundFrequencies: true });
    const ids = tf.tensor2d(input_ids, undefined, 'int32');
    const logits = (await lm.apply(params, ids).array()) as number[][][];
    expect(
      largestGap(
        logits.flatMap((row) => row.at(-1)!),
        expected!.logits_last.flat(),
      ),
    ).toBeLessThan(1e-4);
    const logps = (await lm.tokenLogps(params, ids).array()) as number[][];
    expect(
      largestGap(
        logps.flatMap((row) => row.slice(1)),
        expected!.logps_next.flat(),
      ),
    ).toBeLessThan(1e-4);
  },
);

describe.each(folders)('transformers folder %s', (name) => {
  test('gives transformers’ logits, log-probs and greedy tokens', async () => {
    const expected = expectedOf(name);
    const { lm, params } = await loadPretrained(join(golden, name));
    const ids = tf.tensor2d(expected.input_ids, undefined, 'int32');
    const [batch, length] = ids.shape;
    const logits = tf.reshape(tf.slice(lm.apply(params, ids), [0, length - 1, 0], [batch, 1, -1]), [-1]) as tf.Tensor1D;
    expect(largestGap(await logits.array(), expected.logits_last.flat())).toBeLessThan(1e-4);
    const logps = tf.reshape(tf.slice(lm.tokenLogps(params, ids), [0, 1], [batch, length - 1]), [-1]) as tf.Tensor1D;
    expect(largestGap(await logps.array(), expected.logps_next.flat())).toBeLessThan(1e-4);
    const prompts = expected.input_ids.map((row) => row.slice(0, 6));
    const written = await generate(lm, params, prompts, { maxTokens: 12, temperature: 0, stopIds: [] });
    expect(written.map(([row]) => row!.ids)).toEqual(expected.greedy_from_first_6);
  });

  test('comes back from a save bit for bit', async () => {
    const { lm, params } = await loadPretrained(join(golden, name));
    const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
    await savePretrained(folder, { lm, params, shardBytes: 20_000 });
    const again = await loadPretrained(folder);
    expect(Object.keys(again.params)).toEqual(Object.keys(params));
    for (const [key, value] of Object.entries(params))
      expect(again.params[key]!.dataSync(), key).toEqual(value.dataSync());
    const whateverStored = { dtype: undefined, torch_dtype: undefined };
    expect({ ...again.lm.config, ...whateverStored }).toEqual({ ...lm.config, ...whateverStored });
  });
});

test('end-of-sequence ids of generation_config.json survive a save', async () => {
  const { lm, params } = await loadPretrained(join(golden, 'llama'));
  const folder = join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
  await savePretrained(folder, { lm, params });
  expect(readdirSync(folder)).toEqual(['config.json', 'model.safetensors']);
  writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": [2, 5]}');
  const loaded = await loadPretrained(folder);
  expect(loaded.lm.architecture.eosIds).toEqual([2, 5]);
  await savePretrained(`${folder}-again`, { lm: loaded.lm, params });
  expect((await loadPretrained(`${folder}-again`)).lm.architecture.eosIds).toEqual([2, 5]);
});

test('special tokens of special_tokens_map.json alone, and every token that ends a text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'svo-'));
  const { files } = characterTokenizer('ab');
  const { eos_token, pad_token, bos_token, ...rest } = files.config;
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(files.tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...rest, pad_token: null }));
  const map = { bos_token, eos_token: { content: eos_token }, pad_token };
  writeFileSync(join(folder, 'special_tokens_map.json'), JSON.stringify(map));
  writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [2, 5] }));
  const tokenizer = await loadTokenizer(folder);
  expect([tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.endIds]).toEqual([1, 2, 0, [2, 5]]);
});
