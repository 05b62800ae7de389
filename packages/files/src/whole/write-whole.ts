import { type Content, split, sync, writeDurably } from './durable.ts';
import { sweep, withHidden } from './hidden.ts';

/**
 * Writes a file so that a reader sees the old one or the new one, never a part, whatever happens and whenever: the content
 * goes to a hidden file beside it, which is synced and renamed into place. When it can't be made or written, the old file
 * stays. Missing folders are made; what a killed process left behind is swept away by the next write into the folder;
 * of two writers at once, one wins whole. A file that is replaced keeps its permissions.
 *
 * @param path - the file
 * @param content - text, bytes, pieces of either as they come, or a function that writes the file under the path it is given
 * @throws what the content throws, and the file system's errors as they are
 * @example
 * ```ts
 * import { writeWhole } from '@svo/files';
 * import { readFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * const path = `${tmpdir()}/svo-example-whole.txt`;
 * await writeWhole(path, 'all of it');
 * await readFile(path, 'utf8'); // => 'all of it'
 * ```
 */
export async function writeWhole(
  path: string,
  content: Content | ((temporary: string) => Promise<void>),
): Promise<void> {
  const { chmod, mkdir, rename, stat } = await import('node:fs/promises');
  const { parent, target, name } = await split(path);
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  await withHidden(parent, 'saving', name, async (hidden) => {
    const mode = await stat(target).then(
      (old) => old.mode & 0o777,
      () => undefined,
    );
    if (typeof content === 'function') {
      await content(hidden);
      if (mode !== undefined) await chmod(hidden, mode);
      await sync(hidden);
    } else await writeDurably(hidden, content, mode);
    await rename(hidden, target);
  });
  await sync(parent);
}
