import { readdirSync } from 'node:fs';

/** The tree files of a run, by their paths below its folder. */
export const treeNames = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.tree') && !name.split(/[\\/]/).some((part) => part.startsWith('.')))
    .sort();
