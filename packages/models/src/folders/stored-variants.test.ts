import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '@svo/files';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import { largestGap, randomised, smallConfig } from '../test-support/small-models.ts';
import { loadPretrained, savePretrained } from './pretrained.ts';

/** A saved model with its tensors and its config changed. */
const changed = (
  folder: string,
  tensors: (stored: Record<string, TensorData>) => Record<string, TensorData>,
  config: object = {},
): string => {
  const copy = join(mkdtempSync(join(tmpdir(), 'svo-')), 'model');
  cpSync(folder, copy, { recursive: true });
  const [weights, keys] = [join(copy, 'model.safetensors'), join(copy, 'config.json')];
  writeFileSync(weights, encodeSafetensors(tensors(decodeSafetensors(readFileSync(weights)).tensors)));
  writeFileSync(keys, JSON.stringify({ ...JSON.parse(readFileSync(keys, 'utf8')), ...config }));
  return copy;
};

const logitsOf = async (folder: string): Promise<ArrayLike<number>> => {
  const { lm, params } = await loadPretrained(folder);
  return lm.apply(params, tf.tensor2d([[1, 5, 9]], undefined, 'int32')).data();
};

describe('folders of one model, as different programs save it', () => {
  let untied: string;
  let tied: string;
  beforeAll(async () => {
    await useBackend('cpu');
    const parent = mkdtempSync(join(tmpdir(), 'svo-'));
    [untied, tied] = [join(parent, 'untied'), join(parent, 'tied')];
    const plain = causalLm(smallConfig);
    await savePretrained(untied, { lm: plain, params: randomised(plain.init(1)) });
    const shared = causalLm({ ...smallConfig, tie_word_embeddings: true });
    await savePretrained(tied, { lm: shared, params: randomised(shared.init(1)) });
  });

  test('a head stored beside a tied config: the head, where it differs, as transformers 5 reads it', async () => {
    const other = changed(untied, (stored) => stored, { tie_word_embeddings: true });
    expect(await logitsOf(other)).toEqual(await logitsOf(untied));
    const { lm } = await loadPretrained(other);
    expect(lm.config.tie_word_embeddings).toBe(false);
    const same = changed(tied, (stored) => ({ ...stored, 'lm_head.weight': stored['model.embed_tokens.weight']! }));
    expect(await logitsOf(same)).toEqual(await logitsOf(tied));
    const loaded = await loadPretrained(same);
    expect([loaded.lm.architecture.tiedHead, loaded.ignored]).toEqual([true, ['lm_head.weight']]);
  });

  test('a bare decoder, whose names have no prefix', async () => {
    const bare = changed(tied, (stored) =>
      Object.fromEntries(Object.entries(stored).map(([name, value]) => [name.replace(/^model\./, ''), value])),
    );
    expect(await logitsOf(bare)).toEqual(await logitsOf(tied));
  });

  test.each([
    ['torch.compile', (name: string) => `_orig_mod.${name}`],
    ['DataParallel', (name: string) => `module.${name}`],
    ['both', (name: string) => `module._orig_mod.${name}`],
    ['each layer compiled', (name: string) => name.replace(/(layers\.\d+)\./, '$1._orig_mod.')],
    ['PEFT', (name: string) => `base_model.model.${name}`],
    [
      'the language part of a model that reads pictures',
      (name: string) => name.replace(/^model\./, 'model.language_model.'),
    ],
    ['the same, older', (name: string) => `language_model.${name}`],
  ])('names under the prefix of %s', async (_, rename) => {
    const renamed = (stored: Record<string, TensorData>) =>
      Object.fromEntries(Object.entries(stored).map(([name, value]) => [rename(name), value]));
    expect(await logitsOf(changed(untied, renamed))).toEqual(await logitsOf(untied));
    expect(await logitsOf(changed(tied, renamed))).toEqual(await logitsOf(tied));
  });

  test('names under another prefix: the error shows what was found beside what is missing', async () => {
    const foreign = changed(untied, (stored) =>
      Object.fromEntries(Object.entries(stored).map(([name, value]) => [`student.${name}`, value])),
    );
    await expect(loadPretrained(foreign)).rejects.toThrow(
      /model\.embed_tokens\.weight is missing; .*found besides: student\.[a-z._0-9]+, .*and \d+ more/,
    );
  });

  test('frequencies rounded to the dtype of the weights, on request', async () => {
    const { lm, params } = await loadPretrained(untied);
    const half = join(mkdtempSync(join(tmpdir(), 'svo-')), 'half');
    await savePretrained(half, { lm, params, dtype: 'BF16' });
    const roped = async (folder: string, roundFrequencies: boolean) =>
      (await loadPretrained(folder, { roundFrequencies })).lm.decoder.tables(40).rope!.cos;
    const exact = await roped(half, false);
    expect(await roped(untied, true)).toEqual(exact);
    expect(largestGap(await roped(half, true), exact)).toBeGreaterThan(1e-4);
  });
});
