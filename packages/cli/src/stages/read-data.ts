import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Row, readRows } from '@svo/data';
import { loadTree, type Tree } from '@svo/mcts';
import { UsageError } from '../errors.ts';

/** The files a configuration names, every one of them there. */
export function paths(key: string, given: string | readonly string[] | undefined): readonly string[] {
  if (given === undefined) throw new UsageError(`${key} must be given: --${key} FILE, or the key '${key}'`);
  const all = typeof given === 'string' ? [given] : given;
  const missing = all.find((path) => !existsSync(path));
  if (missing !== undefined) throw new UsageError(`${key}: no file or folder '${missing}'`);
  return all;
}

/** All rows of all files. */
export async function* readAll(files: readonly string[]): AsyncGenerator<Row> {
  for (const file of files) yield* readRows(file);
}

/** The tree files below a folder, in the order of their paths. */
const treeFiles = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.tree'))
    .sort()
    .map((name) => join(folder, name));

/** Every tree of some folders. */
export const readTrees = (folders: readonly string[]): Tree[] =>
  folders.flatMap(treeFiles).map((file) => loadTree(readFileSync(file)));

/** Whether data are trees, or rows. Both at once are neither. */
export function areTrees(key: string, all: readonly string[]): boolean {
  const folders = all.filter((path) => statSync(path).isDirectory());
  if (folders.length > 0 && folders.length < all.length)
    throw new UsageError(`${key}: must be files of rows or folders of trees, got both`);
  const empty = folders.find((folder) => treeFiles(folder).length === 0);
  if (empty !== undefined) throw new UsageError(`${key}: '${empty}' holds no .tree file (a run of svo search does)`);
  return folders.length > 0;
}
