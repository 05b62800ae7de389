/** A model's weights as the files of a Hugging Face folder: one safetensors file, or shards and their index. */
import { jsonFile, type NewFile, safetensorsChunks, type TensorData } from '@svo/files';
import type { SavedWeights } from './saved-weights.ts';

/** How weights are stored. */
export type StoredDtype = 'F32' | 'F16' | 'BF16';

/** The most bytes of weights a file holds unless told otherwise; as in transformers. */
export const shardLimit = 5e9;

/** Names in order, cut where a shard would grow over its limit. */
const shardsOf = (names: readonly string[], bytesOf: (name: string) => number, limit: number): string[][] => {
  const shards: string[][] = [[]];
  let held = 0;
  for (const name of names) {
    if (held > 0 && held + bytesOf(name) > limit) {
      shards.push([]);
      held = 0;
    }
    shards.at(-1)!.push(name);
    held += bytesOf(name);
  }
  return shards;
};

/** A shard's bytes. Made when its turn to be written comes, so that the host holds one shard at a time. */
async function* shardBytes(
  { shapes, numbers }: SavedWeights,
  names: readonly string[],
  dtype: StoredDtype,
): AsyncGenerator<Uint8Array> {
  const tensors: Record<string, TensorData> = {};
  for (const name of names) tensors[name] = { data: await numbers(name), shape: shapes[name]! };
  yield* safetensorsChunks(tensors, { dtype, metadata: { format: 'pt' } });
}

/**
 * `model.safetensors`, or shards of at most `limit` bytes of weights under an index, as transformers names them. Bytes are
 * made when they are asked for.
 */
export const weightFiles = (weights: SavedWeights, dtype: StoredDtype, limit: number): NewFile[] => {
  const names = Object.keys(weights.shapes);
  const bytesOf = (name: string): number =>
    weights.shapes[name]!.reduce((size, extent) => size * extent, dtype === 'F32' ? 4 : 2);
  const shards = shardsOf(names, bytesOf, limit);
  if (shards.length === 1) return [{ name: 'model.safetensors', chunks: shardBytes(weights, names, dtype) }];
  const pad = (count: number): string => String(count).padStart(5, '0');
  const fileOf = (index: number): string => `model-${pad(index + 1)}-of-${pad(shards.length)}.safetensors`;
  const weightMap = Object.fromEntries(shards.flatMap((shard, index) => shard.map((name) => [name, fileOf(index)])));
  const totalSize = names.reduce((total, name) => total + bytesOf(name), 0);
  return [
    ...shards.map((shard, index) => ({ name: fileOf(index), chunks: shardBytes(weights, shard, dtype) })),
    jsonFile('model.safetensors.index.json', { metadata: { total_size: totalSize }, weight_map: weightMap }),
  ];
};
