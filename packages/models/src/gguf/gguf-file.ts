/** A GGUF file on disk, or the files it was split into: header read and checked, tensors where they lie. */
import { type GgufHeader, type GgufMetadata, parseGgufHeader } from '@svo/files';
import { fileExists, readBytes, readHeader } from '../folders/files.ts';
import type { LocatedTensor } from '../folders/stored-weights.ts';
import { metadataKeys } from './metadata-keys.ts';

/** What a file holds: metadata, and tensors by ggml's names. */
export interface GgufContent {
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, LocatedTensor>;
}

const firstBytes = 1 << 20;

/** Reads as much of the beginning as the header needs. */
const ggufHeader = (path: string): Promise<GgufHeader> =>
  readHeader(path, async (file, size) => {
    for (let length = firstBytes; ; length *= 4) {
      const header = parseGgufHeader(await readBytes(file, 0, Math.min(length, size), path), size);
      if (header) return header;
    }
  });

/** `model-00001-of-00003.gguf`, as llama.cpp's gguf-split names the parts. */
const partsOf = (path: string, count: number): string[] | undefined => {
  const [, stem, , total] = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/.exec(path) ?? [];
  if (stem === undefined || Number(total) !== count) return undefined;
  return Array.from({ length: count }, (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${total}.gguf`);
};

const located = (path: string, { tensors }: GgufHeader): [string, LocatedTensor][] =>
  Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, path }]);

/**
 * Reads a GGUF file's header, and those of its other parts where it is the first of several. No tensor is read.
 * @throws RangeError naming the file: none there, what {@link parseGgufHeader} refuses, a part that is missing or not the first
 */
export const readGguf = async (path: string): Promise<GgufContent> => {
  if (!(await fileExists(path))) throw new RangeError(`loadPretrained: there is no file ${path}`);
  const header = await ggufHeader(path);
  const keys = metadataKeys(header.metadata, path);
  const count = keys.count('split.count') ?? 1;
  if (count <= 1) return { metadata: header.metadata, tensors: new Map(located(path, header)) };
  const parts = partsOf(path, count);
  if (!parts)
    return keys.fail(
      `is one of ${count} parts; their names must end in -00001-of-${String(count).padStart(5, '0')}.gguf`,
    );
  if (path !== parts[0]) return keys.fail(`is not the first of its ${count} parts; give ${parts[0]}`);
  const tensors = new Map(located(path, header));
  for (const part of parts.slice(1)) {
    if (!(await fileExists(part))) return keys.fail(`lacks its part ${part} (incomplete download?)`);
    for (const [name, tensor] of located(part, await ggufHeader(part))) {
      if (tensors.has(name)) return keys.fail(`the tensor ${name} is in two of its parts`);
      tensors.set(name, tensor);
    }
  }
  const said = keys.count('split.tensors.count') ?? tensors.size;
  if (said !== tensors.size) return keys.fail(`split.tensors.count is ${said}, its parts hold ${tensors.size}`);
  return { metadata: header.metadata, tensors };
};
