import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type GgufHeader, parseGgufHeader } from '@svo/files';
import { type ModelConfig, parameterShapes, parseConfig } from '@svo/models';

/** What a model's cost follows from. */
export interface ModelSize {
  readonly parameters: number;
  readonly layers: number;
  readonly hidden: number;
  readonly mlp: number;
  readonly vocabulary: number;
}

/** The size of a model that is here, read from its header alone; nothing for one that would have to be fetched. */
export function modelSize(path: string): ModelSize | undefined {
  if (path.endsWith('.gguf')) return ggufSize(path);
  try {
    return folderSize(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function folderSize(folder: string): ModelSize {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as ModelConfig;
  const architecture = parseConfig(config, folder);
  const { layers, hiddenSize: hidden, intermediateSize: mlp, vocabSize: vocabulary } = architecture;
  return { parameters: elements(Object.values(parameterShapes(architecture))), layers, hidden, mlp, vocabulary };
}

/** No header is longer: a vocabulary of a million tokens fits. */
const mostHeaderBytes = 1 << 28;

function ggufSize(path: string): ModelSize {
  const { tensors, metadata } = ggufHeader(path);
  const all = Object.values(tensors);
  const name = String(metadata['general.architecture']?.value ?? '');
  const size = (key: string): number => Number(metadata[`${name}.${key}`]?.value ?? 0);
  return {
    parameters: elements(all.map(({ shape }) => shape)),
    layers: size('block_count'),
    hidden: size('embedding_length'),
    mlp: size('feed_forward_length'),
    vocabulary: tensors['token_embd.weight']?.shape[0] ?? 0,
  };
}

/** Reads more and more of the file's beginning, until the header is whole. */
function ggufHeader(path: string): GgufHeader {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    for (let length = 1 << 20; ; length *= 4) {
      const bytes = new Uint8Array(Math.min(length, size));
      readSync(file, bytes, 0, bytes.length, 0);
      const header = parseGgufHeader(bytes, size);
      if (header !== undefined) return header;
      if (length > mostHeaderBytes || bytes.length === size) throw new RangeError(`${path}: its header does not end`);
    }
  } finally {
    closeSync(file);
  }
}

const elements = (shapes: readonly (readonly number[])[]): number =>
  shapes.reduce((sum, shape) => sum + shape.reduce((all, size) => all * size, 1), 0);
