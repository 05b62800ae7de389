import { assertOptions } from '../options/assert-options.ts';
import { type Content, split, sync, writeDurably } from './durable.ts';
import { hiddenIn, sweep, withHidden } from './hidden.ts';

/** A file to be: its name in the folder, and its bytes. */
export interface NewFile {
  readonly name: string;
  readonly chunks: Content;
}

/** A JSON file to be, indented as Hugging Face's are. */
export const jsonFile = (name: string, value: unknown): NewFile => ({
  name,
  chunks: `${JSON.stringify(value, null, 2)}\n`,
});

/**
 * Makes or replaces a folder as a whole: the files are written and synced in a hidden folder beside it, which is renamed into
 * place. A full disk, a crash or a kill at any moment leaves the old content or the new, complete. No system renames a
 * folder over another in one step, so there is a moment between two renames when the old content stands under a hidden
 * name: `wholeFolder` finds it there, and the next write clears it away. Of two writers at once, one wins whole.
 *
 * @param folder - its path; missing folders above it are made
 * @param files - written in this order, so that a later one may be rendered from what an earlier one turned out to be
 * @param options - `replace` true; false refuses a folder that has content
 * @throws RangeError for a name that is not one plain name, or comes twice; the file system's error, `ENOTEMPTY` or `EEXIST`
 *   for content that may not be replaced. The old content is then as it was
 * @example
 * ```ts
 * import { jsonFile, writeFolder } from '@svo/files';
 * import { readdir } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * const folder = `${tmpdir()}/svo-example-folder`;
 * await writeFolder(folder, [jsonFile('config.json', { size: 8 }), { name: 'notes.txt', chunks: 'small' }]);
 * await readdir(folder); // => ['config.json', 'notes.txt']
 * ```
 */
export async function writeFolder(
  folder: string,
  files: readonly NewFile[],
  options: { readonly replace?: boolean } = {},
): Promise<void> {
  assertOptions('writeFolder', options, ['replace']);
  const { replace = true } = options;
  const { mkdir } = await import('node:fs/promises');
  assertNames(files.map(({ name }) => name));
  const { parent, target, name: of } = await split(folder);
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  await withHidden(parent, 'saving', of, async (hidden) => {
    await mkdir(hidden);
    for (const { name, chunks } of files) await writeDurably(`${hidden}/${name}`, chunks);
    await sync(hidden);
    if (replace) await withHidden(parent, 'previous', of, (previous) => swap(hidden, target, previous));
    else await move(hidden, target);
  });
  await sync(parent);
  if (replace) await forget(parent, of);
}

/** What renaming a folder over another one's content says, on one system or another. */
const taken = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM']);

/** Renames into place, what stands there first out of the way and, should the second rename fail, back. */
async function swap(hidden: string, target: string, previous: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  for (let again = 50; ; again--) {
    if (await isThere(target)) {
      // From the turn before: another writer's folder stands there now, and it is whole.
      await rm(previous, { recursive: true, force: true });
      await move(target, previous).catch(unlessGone);
    }
    try {
      return await move(hidden, target);
    } catch (error) {
      // Another writer got there first: ours replaces theirs as it replaced the one before.
      if (again > 0 && taken.has((error as NodeJS.ErrnoException).code ?? '')) continue;
      if (!(await isThere(target))) await move(previous, target).catch(unlessGone);
      throw error;
    }
  }
}

const move = async (from: string, to: string): Promise<void> => (await import('node:fs/promises')).rename(from, to);

const isThere = async (path: string): Promise<boolean> => {
  const { lstat } = await import('node:fs/promises');
  return lstat(path).then(
    () => true,
    () => false,
  );
};

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Removes old content that killed replacements of this folder moved away, now that there is a new one. */
async function forget(parent: string, name: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  for (const { kind, of, path, left } of await hiddenIn(parent))
    if (left && kind === 'previous' && of === name) await rm(path, { recursive: true, force: true });
}

/**
 * Where a folder's whole content lies: the folder itself or, where a process was killed between the two renames of a
 * replacement, the old content beside it.
 *
 * @param folder - as given to `writeFolder`
 * @example
 * ```ts
 * import { wholeFolder } from '@svo/files';
 * await wholeFolder('/nowhere/model'); // => '/nowhere/model'
 * ```
 */
export async function wholeFolder(folder: string): Promise<string> {
  const { stat } = await import('node:fs/promises');
  const { parent, target, name } = await split(folder);
  if ((await isThere(target)) || !(await isThere(parent))) return folder;
  const hidden = (await hiddenIn(parent)).filter(({ kind, of }) => kind === 'previous' && of === name);
  const moved = await Promise.all(hidden.map(async ({ path }) => ({ path, at: (await stat(path)).ctimeMs })));
  return moved.sort((a, b) => b.at - a.at)[0]?.path ?? folder;
}

/**
 * Removes a folder so that it is never seen half removed: it is renamed to a hidden name first.
 *
 * @param folder - its path
 * @throws the file system's error, `ENOENT` where there is none
 * @example
 * ```ts
 * import { removeFolder, writeFolder } from '@svo/files';
 * import { tmpdir } from 'node:os';
 * const folder = `${tmpdir()}/svo-example-removed`;
 * await writeFolder(folder, []);
 * await removeFolder(folder); // => undefined
 * ```
 */
export async function removeFolder(folder: string): Promise<void> {
  const { parent, target, name } = await split(folder);
  await withHidden(parent, 'saving', name, (hidden) => move(target, hidden));
}

/** A name that leads elsewhere, or twice the same, would not give the folder that was asked for. */
function assertNames(names: readonly string[]): void {
  for (const name of names)
    if (!/^[^/\\\0]+$/.test(name) || name === '.' || name === '..')
      throw new RangeError(`writeFolder: name must be the plain name of a file, got ${JSON.stringify(name)}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new RangeError(`writeFolder: names must differ, got ${JSON.stringify(twice)} twice`);
}
