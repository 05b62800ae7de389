import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, type TensorData } from '@svo/files';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkWeights, locateWeights, readWeights } from './stored-weights.ts';

const tensor = (...values: number[]): TensorData => ({ data: Float32Array.from(values), shape: [values.length] });
const folderWith = (files: Record<string, string | Uint8Array>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'svo-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
};
const index = (weight_map: unknown): Record<string, string> => ({
  'model.safetensors.index.json': JSON.stringify({ weight_map }),
});

/** A file with a header of one's own. */
const crafted = (header: unknown, bytes = 8, claimed?: bigint): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + bytes);
  new DataView(file.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
};

beforeAll(async () => {
  await useBackend('cpu');
});

describe('weights of a folder', () => {
  test('one file, or shards under an index: the same tensors, in the order asked for', async () => {
    const [a, b] = [tensor(1, 2), tensor(3)];
    const single = folderWith({ 'model.safetensors': encodeSafetensors({ a, b }) });
    const sharded = folderWith({
      'x-1.safetensors': encodeSafetensors({ b }),
      'x-2.safetensors': encodeSafetensors({ a }),
      ...index({ a: 'x-2.safetensors', b: 'x-1.safetensors' }),
    });
    for (const folder of [single, sharded]) {
      const read = await readWeights(await locateWeights(folder), ['b', 'a']);
      expect(Object.entries(read).map(([name, value]) => [name, [...value.dataSync()]])).toEqual([
        ['b', [3]],
        ['a', [1, 2]],
      ]);
    }
  });

  test.each(['F16', 'BF16', 'F32'] as const)('%s becomes float32', async (dtype) => {
    const folder = folderWith({ 'model.safetensors': encodeSafetensors({ a: tensor(1.5, -0.25) }, { dtype }) });
    expect([...(await readWeights(await locateWeights(folder), ['a'])).a!.dataSync()]).toEqual([1.5, -0.25]);
  });
});

describe('hostile or broken folders are refused before memory is taken', () => {
  const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const two = { dtype: 'F32', shape: [1], data_offsets: [4, 8] };
  test.each<[string, Uint8Array, RegExp]>([
    ['a header of 2^63 bytes', crafted({ a: one }, 8, 2n ** 63n), /header length must be at most/],
    ['a header longer than the file', crafted({ a: one }, 8, 5000n), /truncated file/],
    ['no file to speak of', new Uint8Array(3), /expected at least 8 bytes/],
    ['a header that is no JSON', crafted('{"a":'), /not valid JSON/],
    ['overlapping tensors', crafted({ a: one, b: { ...one } }, 4), /overlap/],
    ['a hole between tensors', crafted({ a: one, b: { ...two, data_offsets: [8, 12] } }, 12), /belong to no tensor/],
    ['a tensor beyond the end', crafted({ a: one, b: two }, 4), /outside a file/],
    [
      'a shape that overflows',
      crafted({ a: { dtype: 'F32', shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } }, 4),
      /too large/,
    ],
    [
      'a shape that disagrees with its bytes',
      crafted({ a: { ...one, shape: [2] } }, 4),
      /takes 8 bytes, its range holds 4/,
    ],
    ['an unknown dtype', crafted({ a: { ...one, dtype: 'f-31' } }, 4), /unknown dtype "f-31"/],
    [
      'a name twice',
      crafted(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      ),
      /appears twice/,
    ],
  ])('%s', async (_, bytes, message) => {
    const folder = folderWith({ 'model.safetensors': bytes });
    await expect(locateWeights(folder)).rejects.toThrow(message);
    await expect(locateWeights(folder)).rejects.toThrow(/model\.safetensors: safetensors:/);
  });

  test.each([
    ['../secret.safetensors'],
    ['/etc/passwd'],
    ['a/b.safetensors'],
    ['..\\x.safetensors'],
    ['.hidden.safetensors'],
    [''],
    [7],
    ['weights.bin'],
  ])('an index that names %o', async (shard) => {
    await expect(locateWeights(folderWith(index({ a: shard })))).rejects.toThrow(
      /must be the plain name of a \.safetensors file/,
    );
  });

  test('an index without its shard, one that misplaces a tensor, one that is no map, one that is too long', async () => {
    await expect(locateWeights(folderWith(index({ a: 'x.safetensors' })))).rejects.toThrow(
      /names x.safetensors, which is not there/,
    );
    const misplaced = folderWith({
      'x.safetensors': encodeSafetensors({ b: tensor(1) }),
      ...index({ a: 'x.safetensors' }),
    });
    await expect(locateWeights(misplaced)).rejects.toThrow(/says a is in x.safetensors, which does not hold it/);
    await expect(locateWeights(folderWith(index([])))).rejects.toThrow(/weight_map must be an object/);
    await expect(
      locateWeights(folderWith({ 'model.safetensors.index.json': '{"weight_map":{},"weight_map":{}}' })),
    ).rejects.toThrow(/appears twice/);
  });

  test('no weights at all', async () => {
    await expect(locateWeights(folderWith({ 'pytorch_model.bin': 'x' }))).rejects.toThrow(/holds neither .* \(pickled/);
  });

  test('checkWeights lists what is missing, of another dtype, of another shape', async () => {
    const file = crafted({ a: one, b: { dtype: 'I32', shape: [1], data_offsets: [4, 8] } });
    const stored = await locateWeights(folderWith({ 'model.safetensors': file }));
    expect(() => checkWeights('here', stored, { a: [1] })).not.toThrow();
    expect(() => checkWeights('here', stored, { a: [2], b: [1], c: [3] })).toThrow(
      /^here: a must be \[2\], got \[1\]; b must be F32, F16 or BF16, got I32; c is missing/,
    );
    expect(() => checkWeights('here', stored, Object.fromEntries([...'defghij'].map((name) => [name, [1]])))).toThrow(
      /; and 2 more/,
    );
  });

  test('a failed read frees what it had read', async () => {
    const folder = folderWith({
      'x.safetensors': encodeSafetensors({ a: tensor(1) }),
      'y.safetensors': encodeSafetensors({ b: tensor(2) }),
      ...index({ a: 'x.safetensors', b: 'y.safetensors' }),
    });
    const stored = await locateWeights(folder);
    writeFileSync(join(folder, 'y.safetensors'), new Uint8Array(10));
    const before = tf.memory().numTensors;
    await expect(readWeights(stored, ['a', 'b'])).rejects.toThrow(/truncated file/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
