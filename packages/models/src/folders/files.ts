/** The file system's side of loading and saving. Node's modules are imported when used, so that browsers can load the package. */
import type { FileHandle } from 'node:fs/promises';
import { parseStrictJson } from '@svo/files';

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

/** Whether there is a folder of that name. */
export const isFolder = async (path: string): Promise<boolean> => {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    (status) => status.isDirectory(),
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
  await readInto(file, bytes, start, path);
  return bytes;
};

/** Fills `bytes` from an open file, from byte `start` on. */
export const readInto = async (file: FileHandle, bytes: Uint8Array, start: number, path: string): Promise<void> => {
  for (let read = 0; read < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, read, Math.min(bytes.length - read, 2 ** 30), start + read);
    if (bytesRead === 0)
      throw new RangeError(
        `${path}: ended at byte ${start + read}, expected ${start + bytes.length} (truncated file?)`,
      );
    read += bytesRead;
  }
};

/**
 * Opens a file for as long as `read` takes to find its header, whose RangeErrors then name the file.
 *
 * @throws RangeError when the header is wrong
 */
export async function readHeader<T>(path: string, read: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'r');
  try {
    return await read(file, (await file.stat()).size);
  } catch (error) {
    throw error instanceof RangeError && !error.message.includes(path)
      ? new RangeError(`${path}: ${error.message}`)
      : error;
  } finally {
    await file.close();
  }
}
