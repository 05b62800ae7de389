/** The file system's side of loading and saving. Node's modules are imported when used, so that browsers can load the package. */
import type { FileHandle } from 'node:fs/promises';
import { parseStrictJson } from '@svo/tensor';

/** Joins a folder and the name of a file in it. Forward slashes are understood on every platform. */
export const inFolder = (folder: string, name: string): string => `${folder.replace(/[\\/]+$/, '')}/${name}`;

/** Whether there is a file of that name. */
export const fileExists = async (path: string): Promise<boolean> => {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
};

/**
 * Parses a JSON file that must be an object.
 *
 * @param maxBytes larger files are refused before they are read
 * @throws RangeError naming the file: too large, not JSON, the same key twice, or not an object
 */
export const readJsonFile = async (path: string, maxBytes: number): Promise<Record<string, unknown>> => {
  const text = await readTextFile(path, maxBytes);
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    throw new RangeError(`${path}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError(`${path}: expected a JSON object`);
  return value as Record<string, unknown>;
};

/** Reads a text file of at most `maxBytes`. */
export const readTextFile = async (path: string, maxBytes: number): Promise<string> => {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new RangeError(`${path}: expected at most ${maxBytes} bytes, got ${size}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};

/** Exactly the bytes [start, end) of an open file. */
export const readBytes = async (file: FileHandle, start: number, end: number, path: string): Promise<Uint8Array> => {
  const bytes = new Uint8Array(end - start);
  for (let read = 0; read < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, read, Math.min(bytes.length - read, 2 ** 30), start + read);
    if (bytesRead === 0)
      throw new RangeError(`${path}: ended at byte ${start + read}, expected ${end} (truncated file?)`);
    read += bytesRead;
  }
  return bytes;
};

/** A file to write: its name and its bytes, piece by piece. */
export interface NewFile {
  readonly name: string;
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A JSON file to write, indented as Hugging Face's are. */
export const jsonFile = (name: string, value: unknown): NewFile => ({
  name,
  chunks: [new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)],
});

/**
 * Makes or replaces a folder as a whole: the files are written and synced in `<folder>.saving` and moved into place by
 * renaming. At any moment, whatever happens, either the old content or the new is complete under `<folder>` or, between
 * two renames, the old one under `<folder>.previous`. What a killed process left behind is cleared by the next save.
 *
 * @throws the file system's error; the old folder is then as it was
 */
export const replaceFolder = async (folder: string, files: readonly NewFile[]): Promise<void> => {
  const { mkdir, rename, rm } = await import('node:fs/promises');
  const target = folder.replace(/[\\/]+$/, '');
  const [saving, previous] = [`${target}.saving`, `${target}.previous`];
  await rm(saving, { recursive: true, force: true });
  await mkdir(saving, { recursive: true });
  try {
    for (const file of files) await writeSynced(inFolder(saving, file.name), file.chunks);
    await syncFolder(saving);
  } catch (error) {
    await rm(saving, { recursive: true, force: true });
    throw error;
  }
  if (await exists(target)) {
    await rm(previous, { recursive: true, force: true });
    await rename(target, previous);
  }
  await rename(saving, target);
  await syncFolder(`${target}/..`);
  await rm(previous, { recursive: true, force: true });
};

const exists = async (path: string): Promise<boolean> => {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    () => true,
    () => false,
  );
};

/** A rename is on the disk once its folder is. Windows has no such call, and needs none. */
const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const { open } = await import('node:fs/promises');
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const writeSynced = async (path: string, chunks: NewFile['chunks']): Promise<void> => {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
};
