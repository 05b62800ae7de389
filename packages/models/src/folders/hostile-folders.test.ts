/** Folders from anywhere: whatever their bytes say, loading gives a model or says in a RangeError what is wrong. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, splitRng, uniforms } from '@svo/mdp';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { initLora } from '../decoder/lora.ts';
import { saveGguf } from '../gguf/save-gguf.ts';
import { smallConfig, smallLm } from '../test-support/small-models.ts';
import { characterTokenizer } from '../tokenizer/character-tokenizer.ts';
import { tokenizerFromJson } from '../tokenizer/tokenizer.ts';
import { loadAdapters, saveAdapters } from './adapter-folder.ts';
import { loadPretrained, savePretrained } from './pretrained.ts';

/** More of them in earnest: `SVO_FUZZ=2000 npx vitest run packages/models/src/folders/hostile-folders.test.ts --testTimeout 600000`. */
const rounds = Number(process.env.SVO_FUZZ ?? 40);
const lm = smallLm({ num_hidden_layers: 1, hidden_size: 8, intermediate_size: 8 });
const settings = { rank: 1, alpha: 1, targets: ['v_proj'] as const };

/** The files of a folder, and a folder with given files. */
const contents = (folder: string): Map<string, Uint8Array> =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
const scratch = (): string => mkdtempSync(join(tmpdir(), 'svo-'));
const rewrite = (folder: string, files: ReadonlyMap<string, Uint8Array>): string => {
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return folder;
};

/** One to four changes: a byte, a digit made many, a stretch cut out, doubled, or swapped for another's. */
const mutated = (bytes: Uint8Array, draws: Float64Array): Uint8Array => {
  let result = [...bytes];
  for (let i = 0; i < 1 + Math.floor(draws[0]! * 4); i++) {
    const [kind, where, value] = draws.subarray(1 + 3 * i);
    // Most of what matters is near the front: the header of weights, the keys of JSON.
    const at = Math.floor(where! ** 2 * result.length);
    const length = Math.floor(value! * 12);
    if (kind! < 0.35) result[at] = Math.floor(value! * 256);
    else if (kind! < 0.5) result.splice(at, 0, ...new TextEncoder().encode('9'.repeat(length)));
    else if (kind! < 0.65) result.splice(at, length);
    else if (kind! < 0.8) result.splice(at, 0, ...result.slice(at, at + length));
    else if (kind! < 0.9) result = result.slice(0, at);
    else
      result.splice(at, 1, ...new TextEncoder().encode(['-', '{', '"', '\0', '1e99', 'null', '\\u0000'][length % 7]));
  }
  return Uint8Array.from(result);
};

beforeAll(async () => {
  await useBackend('cpu');
});

describe('mutated files', () => {
  const fuzz = async (folder: string, load: (folder: string) => Promise<void>, seed: number): Promise<void> => {
    const files = contents(folder);
    const names = [...files.keys()];
    const copy = rewrite(scratch(), files);
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      const draws = uniforms(splitRng(createRng(seed), round), 15);
      const name = names[round % names.length]!;
      const before = tf.memory().numTensors;
      rewrite(copy, new Map([[name, mutated(files.get(name)!, draws)]]));
      await load(copy).catch((error: unknown) => {
        refused++;
        expect(error, `${name}, round ${round}: ${String((error as Error).stack)}`).toBeInstanceOf(RangeError);
        expect((error as Error).message.length, (error as Error).message).toBeLessThan(2000);
      });
      expect(tf.memory().numTensors).toBe(before);
      rewrite(copy, new Map([[name, files.get(name)!]]));
    }
    expect(refused).toBeGreaterThan(rounds / 4);
  };

  test('of a model', async () => {
    const folder = join(scratch(), 'model');
    await savePretrained(folder, {
      lm,
      params: lm.init(1),
      tokenizer: characterTokenizer('ab'),
      shardBytes: 1500,
    });
    await fuzz(folder, async (path) => tf.dispose((await loadPretrained(path)).params), 1);
  });

  test('of a GGUF file', async () => {
    const { tokenizer: json } = JSON.parse(
      readFileSync(new URL('../../../../test/golden/tokenizers/tokenizers.json', import.meta.url), 'utf8'),
    ).find(({ name }: { name: string }) => name === 'byte-level BPE, GPT-2');
    const tokenizer = tokenizerFromJson(json, { bos_token: '<s>' });
    const large = smallLm({
      num_hidden_layers: 1,
      hidden_size: 8,
      intermediate_size: 8,
      vocab_size: tokenizer.vocabularySize,
    });
    const folder = scratch();
    const params = large.init(1);
    await saveGguf(join(folder, 'model.gguf'), { lm: large, params, tokenizer });
    tf.dispose(params);
    await fuzz(folder, async (path) => tf.dispose((await loadPretrained(join(path, 'model.gguf'))).params), 3);
  });

  test('of a GGUF file whose experts lie in stacks', async () => {
    const sparse = { num_experts: 3, num_experts_per_tok: 2, moe_intermediate_size: 8, norm_topk_prob: true };
    const mixture = smallLm({ ...sparse, model_type: 'qwen3_moe', num_hidden_layers: 1, hidden_size: 8, head_dim: 4 });
    const folder = scratch();
    const params = mixture.init(1);
    await saveGguf(join(folder, 'model.gguf'), { lm: mixture, params });
    tf.dispose(params);
    await fuzz(folder, async (path) => tf.dispose((await loadPretrained(join(path, 'model.gguf'))).params), 4);
  });

  test('of adapters', async () => {
    const folder = join(scratch(), 'adapters');
    await saveAdapters(folder, { settings, params: initLora(lm, settings, 1) });
    await fuzz(folder, async (path) => tf.dispose((await loadAdapters(path, lm)).params), 2);
  });
});

describe('memory', () => {
  /** A config of sizes as claimed, beside weights that are a file of `bytes` zeros behind a header of `claim` bytes. */
  const claiming = (config: object, claim: bigint, bytes: number): string => {
    const folder = scratch();
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...smallConfig, ...config }));
    const file = Buffer.alloc(bytes);
    if (bytes >= 8) file.writeBigUInt64LE(claim);
    writeFileSync(join(folder, 'model.safetensors'), file);
    return folder;
  };

  test.each<[string, object, bigint, number, RegExp]>([
    ['a billion layers', { num_hidden_layers: 1e9 }, 2n, 10, /num_hidden_layers/],
    ['a hidden size beyond all bounds', { hidden_size: 2 ** 60 }, 2n, 10, /hidden_size/],
    ['the largest sizes there are', { vocab_size: 2 ** 31 - 1, hidden_size: 2 ** 30 }, 2n, 10, /safetensors/],
    ['a header of 2^63 bytes', {}, 2n ** 63n, 64, /header length must be at most/],
    ['a header of 90 MB in a file of 64 bytes', {}, 90_000_000n, 64, /does not fit a file of 64/],
    ['an empty file', {}, 0n, 0, /expected at least 8 bytes, got 0/],
  ])('%s: refused before memory is taken', async (_, config, claim, bytes, message) => {
    const before = process.memoryUsage().arrayBuffers;
    await expect(loadPretrained(claiming(config, claim, bytes))).rejects.toThrow(message);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5e6);
  });

  test('what is no file is not read: a folder, a device, a link to nowhere', async () => {
    for (const make of [
      (path: string) => mkdirSync(path),
      (path: string) => symlinkSync('/dev/zero', path),
      (path: string) => symlinkSync('/nowhere', path),
    ]) {
      const folder = claiming({}, 2n, 0);
      const weights = join(scratch(), 'model.safetensors');
      make(weights);
      const named = scratch();
      writeFileSync(join(named, 'config.json'), readFileSync(join(folder, 'config.json')));
      symlinkSync(weights, join(named, 'model.safetensors'));
      await expect(loadPretrained(named)).rejects.toThrow(/holds neither model.safetensors nor/);
    }
  });
});
