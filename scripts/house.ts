/**
 * `pnpm house [FOLDER]`: how the house reads, in numbers that anyone can count again. FOLDER is another checkout of this repository,
 * installed; this one by default. What each number means stands beside it.
 *
 *     pnpm house
 *     git worktree add --detach ../before 2c87513 && (cd ../before && pnpm install) && pnpm house ../before
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { circles, packageFiles } from './house/circles.ts';
import { publicNames } from './house/exports.ts';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const packages = readdirSync(join(root, 'packages')).filter((name) => !name.startsWith('.'));
const isTest = (file: string): boolean =>
  /\.(test|bench)\.ts$|-contract\.ts$|\/(testing|test-support)\//.test(file.replaceAll('\\', '/'));
const linesOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1, 0);

const sources = packageFiles(root).filter((file) => !isTest(file));
const names = Object.entries(publicNames(root));
const rows = packages.map((name) => {
  const own = sources.filter((file) => file.startsWith(join(root, 'packages', name, '/')));
  const top = readdirSync(join(root, 'packages', name, 'src')).filter((file) => file.endsWith('.ts')).length;
  const exported = names.filter(([entry]) => entry === `@svo/${name}` || entry.startsWith(`@svo/${name}/`));
  return {
    package: name,
    lines: linesOf(own),
    files: own.length,
    'at the top of src': top,
    exports: exported.reduce((sum, [, list]) => sum + list.length, 0),
  };
});

const journey = JSON.parse(
  execFileSync(process.execPath, ['--conditions=@svo/source', join(import.meta.dirname, 'house', 'journey.ts'), root], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
) as { files: number; functions: number };

/** Sources and pages that name one objective which both houses have; generated reports, goldens and this count are not written for it. */
const naming = execFileSync(
  'git',
  ['grep', '-lwE', 'hinge|hingeLoss', '--', '*.ts', '*.md', ':!reports', ':!scripts/house.ts'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);

console.table(rows);
console.table({
  'lines of source, tests left out': linesOf(sources),
  'files of source': sources.length,
  'most files at the top of a src': Math.max(...rows.map((row) => row['at the top of src'])),
  'public exports': rows.reduce((sum, { exports }) => sum + exports, 0),
  'circles of files, types and assembly included': circles(root).length,
  'files a question passes to a saved folder': journey.files,
  'functions it passes': journey.functions,
  'sources and pages that name one objective (hingeLoss)': naming.trim().split('\n').length,
});
