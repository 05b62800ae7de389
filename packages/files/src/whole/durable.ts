/** What a file is made of: text, bytes, or pieces of either as they come. */
export type Content = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** A new file, on the disk when this returns. `mode` as for `chmod`. */
export async function writeDurably(path: string, content: Content, mode?: number): Promise<void> {
  const { open } = await import('node:fs/promises');
  const file = await open(path, 'wx', mode);
  try {
    for await (const piece of pieces(content)) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

const pieces = (content: Content): Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array> =>
  typeof content === 'string' || content instanceof Uint8Array ? [content] : content;

/** Puts on the disk what was written to a file or, for a folder, its names: a rename is only there once its folder is. */
export async function sync(path: string): Promise<void> {
  const { open, stat } = await import('node:fs/promises');
  // Windows has no such call for folders, and needs none.
  if (process.platform === 'win32' && (await stat(path)).isDirectory()) return;
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A path without slashes at its end, the folder it lies in, and its name there. */
export async function split(
  path: string,
): Promise<{ readonly parent: string; readonly target: string; readonly name: string }> {
  const { basename, dirname, resolve } = await import('node:path');
  const target = resolve(path);
  return { parent: dirname(target), target, name: basename(target) };
}
