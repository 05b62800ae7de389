/** Weights of a Hugging Face folder: one model.safetensors, or shards under an index. Everything is checked before it is read. */
import type { FileHandle } from 'node:fs/promises';
import {
  dequantize,
  parseSafetensorsHeader,
  type SafetensorsHeader,
  type StoredTensor,
  safetensorsHeaderLength,
} from '@svo/files';
import { type Tensor, tf } from '@svo/tensor';
import { reordered } from '../gguf/tensor-names.ts';
import { grouped } from '../grouped.ts';
import { fileExists, inFolder, readBytes, readHeader, readJsonFile } from './files.ts';

/** A tensor and the file it lies in. */
export interface LocatedTensor extends StoredTensor {
  readonly path: string;
  /** Heads whose rows lie in ggml's order for Llama: what the rotation pairs are neighbours. They are put in order when they are read. */
  readonly pairedHeads?: number;
  /** What the file's numbers are more than the model's: 1 for norms of Gemma in GGUF. */
  readonly offset?: number;
}

const readable: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);
const maxIndexBytes = 100_000_000;
/** A plain file name: an index that says `../../etc/passwd` or `/dev/zero` never reaches the file system. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*\.safetensors$/;

/** Reads and checks a file's header; the tensors' bytes stay where they are. */
const weightsHeader = (path: string): Promise<SafetensorsHeader> =>
  readHeader(path, async (file, size) => {
    const length = safetensorsHeaderLength(await readBytes(file, 0, Math.min(8, size), path), size);
    return parseSafetensorsHeader(await readBytes(file, 8, 8 + length, path), size);
  });

const located = async (path: string): Promise<[string, LocatedTensor][]> =>
  Object.entries((await weightsHeader(path)).tensors).map(([name, tensor]) => [name, { ...tensor, path }]);

const shardNames = (path: string, index: Record<string, unknown>): ReadonlyMap<string, string> => {
  const { weight_map: map } = index;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw new RangeError(`${path}: weight_map must be an object of tensor name to file name`);
  const entries = Object.entries(map);
  for (const [name, shard] of entries)
    if (typeof shard !== 'string' || !plainName.test(shard))
      throw new RangeError(
        `${path}: weight_map['${name}'] must be the plain name of a .safetensors file beside the index, got ${JSON.stringify(shard)}`,
      );
  return new Map(entries as [string, string][]);
};

const locateSharded = async (folder: string, indexPath: string): Promise<Map<string, LocatedTensor>> => {
  const map = shardNames(indexPath, await readJsonFile(indexPath, maxIndexBytes));
  const tensors = new Map<string, LocatedTensor>();
  for (const shard of new Set(map.values())) {
    const path = inFolder(folder, shard);
    if (!(await fileExists(path)))
      throw new RangeError(`${indexPath}: names ${shard}, which is not there (incomplete download?)`);
    for (const [name, tensor] of await located(path)) if (map.get(name) === shard) tensors.set(name, tensor);
  }
  const lost = [...map.keys()].find((name) => !tensors.has(name));
  if (lost !== undefined)
    throw new RangeError(`${indexPath}: says ${lost} is in ${map.get(lost)}, which does not hold it`);
  return tensors;
};

/**
 * Where each tensor of a folder lies: in `<stem>.safetensors`, or in the shards `<stem>.safetensors.index.json` names.
 *
 * @throws RangeError naming the file: neither is there, or what {@link parseSafetensorsHeader} refuses, or an index that
 *   leaves the folder, names missing files or misplaces a tensor
 */
export const locateWeights = async (folder: string, stem = 'model'): Promise<ReadonlyMap<string, LocatedTensor>> => {
  const single = inFolder(folder, `${stem}.safetensors`);
  if (await fileExists(single)) return new Map(await located(single));
  const index = `${single}.index.json`;
  if (await fileExists(index)) return locateSharded(folder, index);
  throw new RangeError(
    `${folder}: holds neither ${stem}.safetensors nor ${stem}.safetensors.index.json (pickled .bin files are not read; convert them)`,
  );
};

/**
 * Checks that every expected tensor is there, in a float dtype and with the expected shape. No tensor is read.
 * @throws RangeError listing up to five offenders, and up to five names found that were not expected
 */
export const checkWeights = (
  source: string,
  stored: ReadonlyMap<string, LocatedTensor>,
  expected: Readonly<Record<string, readonly number[]>>,
  dtypes: ReadonlySet<string> = readable,
): void => {
  const offences = Object.entries(expected).flatMap(([name, shape]) => {
    const tensor = stored.get(name);
    if (!tensor) return [`${name} is missing`];
    if (!dtypes.has(tensor.dtype)) return [`${name} must be ${oneOf(dtypes)}, got ${tensor.dtype}`];
    return tensor.shape.join() === shape.join() ? [] : [`${name} must be [${shape}], got [${tensor.shape}]`];
  });
  if (offences.length === 0) return;
  const more = offences.length > 5 ? `; and ${offences.length - 5} more` : '';
  const found = [...stored.keys()].filter((name) => !(name in expected));
  const others = found.slice(0, 5).join(', ') + (found.length > 5 ? `, and ${found.length - 5} more` : '');
  throw new RangeError(
    `${source}: ${offences.slice(0, 5).join('; ')}${more}; found besides: ${others || 'none'} (is config.json of another model?)`,
  );
};

const oneOf = (dtypes: ReadonlySet<string>): string => [...dtypes].join(', ').replace(/, (?=[^,]*$)/, ' or ');

/** Bytes compared at a time. */
const comparedBytes = 1 << 24;

/** Whether two tensors hold the same bytes in the same dtype and shape. */
export const sameContent = async (a: LocatedTensor, b: LocatedTensor): Promise<boolean> => {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  const { open } = await import('node:fs/promises');
  const files = [await open(a.path, 'r'), await open(b.path, 'r')];
  try {
    for (let at = 0; at < a.end - a.start; at += comparedBytes) {
      const [left, right] = await Promise.all(
        [a, b].map(({ path, start, end }, i) =>
          readBytes(files[i]!, start + at, Math.min(start + at + comparedBytes, end), path),
        ),
      );
      if (left!.some((byte, i) => byte !== right![i])) return false;
    }
    return true;
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
};

/** A tensor's numbers from its open file, whatever it is stored as. */
const elementsIn = async (
  file: FileHandle,
  { path, dtype, shape, start, end, pairedHeads: heads, offset }: LocatedTensor,
  name: string,
): Promise<Float32Array> => {
  const bytes = await readBytes(file, start, end, path);
  const ordered = heads === undefined ? bytes : reordered(bytes, { rows: shape[0]!, heads }, 'halves');
  const values = dequantize(ordered, dtype, name);
  return offset === undefined ? values : values.map((value) => value - offset);
};

/** One tensor's numbers. It must have been checked. */
export const readElements = async (tensor: LocatedTensor, name: string): Promise<Float32Array> =>
  (await withFiles(new Map([[name, tensor]]), [name], elementsIn))[name]!;

/** What `read` makes of each named tensor, file by file; in the order of the names, whatever the order of the shards. */
export const withFiles = async <T>(
  stored: ReadonlyMap<string, LocatedTensor>,
  names: readonly string[],
  read: (file: FileHandle, tensor: LocatedTensor, name: string) => Promise<T>,
): Promise<Record<string, T>> => {
  const { open } = await import('node:fs/promises');
  const results: Record<string, T> = {};
  for (const [path, group] of grouped(names, (name) => stored.get(name)!.path)) {
    const file = await open(path, 'r');
    try {
      for (const name of group) results[name] = await read(file, stored.get(name)!, name);
    } finally {
      await file.close();
    }
  }
  // Sums over parameters are then the same.
  return Object.fromEntries(names.map((name) => [name, results[name]!]));
};

/** Reads the named tensors, one at a time, to the active backend as float32. They must have been checked. */
export const readWeights = async (
  stored: ReadonlyMap<string, LocatedTensor>,
  names: readonly string[],
): Promise<Record<string, Tensor>> => {
  const made: Tensor[] = [];
  try {
    return await withFiles(stored, names, async (file, tensor, name) => {
      made.push(tf.tensor(await elementsIn(file, tensor, name), [...tensor.shape], 'float32'));
      return made.at(-1)!;
    });
  } catch (error) {
    tf.dispose(made);
    throw error;
  }
};
