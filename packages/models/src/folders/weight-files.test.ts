import { decodeSafetensors, type NewFile } from '@svo/files';
import { tf, useBackend } from '@svo/tensor';
import { beforeAll, expect, test } from 'vitest';
import { savedWeights } from './saved-weights.ts';
import { weightFiles } from './weight-files.ts';

beforeAll(async () => {
  await useBackend('cpu');
});

const bytesOf = async ({ chunks }: NewFile): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks as Iterable<string | Uint8Array>) parts.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(parts);
};
const params = { a: tf.fill([4], 1), b: tf.fill([3], 2), c: tf.fill([9], 3), d: tf.fill([1], 4) };
const shapes = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, shape]));
const weights = savedWeights('test', { params, shapes });

test('one file where everything fits', async () => {
  const [file, ...more] = weightFiles(weights, 'F32', 1e9);
  expect([file!.name, more]).toEqual(['model.safetensors', []]);
  const { tensors, metadata } = decodeSafetensors(await bytesOf(file!));
  expect(metadata).toEqual({ format: 'pt' });
  expect([...tensors.c!.data]).toEqual(new Array(9).fill(3));
});

test.each([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
] as const)(
  '%s shards hold at most the limit, or one tensor, and the index says where each lies',
  async (dtype, size) => {
    const files = weightFiles(weights, dtype, 7 * size);
    const shards = files.slice(0, -1);
    expect(shards.map(({ name }) => name)).toEqual([1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`));
    const held = await Promise.all(
      shards.map(async (shard) => Object.keys(decodeSafetensors(await bytesOf(shard)).tensors).sort()),
    );
    expect(held).toEqual([['a', 'b'], ['c'], ['d']]);
    const index = JSON.parse(Buffer.from(await bytesOf(files.at(-1)!)).toString());
    expect(index).toEqual({
      metadata: { total_size: 17 * size },
      weight_map: { a: shards[0]!.name, b: shards[0]!.name, c: shards[1]!.name, d: shards[2]!.name },
    });
  },
);
