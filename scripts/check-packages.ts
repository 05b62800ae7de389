/** Every package as npm would publish it: publint and attw find no fault, and nothing travels that only tests need. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const run = (command: string, args: readonly string[], cwd: string): string | undefined => {
  try {
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}`.trim();
  }
};

/** What must not travel: tests and what only they use, the compiler's notes, maps to sources that stay at home. */
const stray = (folder: string): string | undefined => {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { exports: object };
  const testing = './testing' in exports ? '' : '|/testing/';
  const forbidden = new RegExp(String.raw`\.test\.|/test-support/|tsbuildinfo|\.d\.ts\.map$|^src/${testing}`);
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const paths = [...packed.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path!);
  const wrong = paths.filter((path) => forbidden.test(path));
  if (paths.length === 0) return 'npm pack lists no file';
  return wrong.length === 0 ? undefined : `must not be published: ${wrong.join(', ')}`;
};

let failed = 0;
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  const faults = [
    run(bin('publint'), ['--strict', '--pack', 'npm'], folder),
    run(bin('attw'), ['--pack', '.', '--profile', 'esm-only'], folder),
    stray(folder),
  ].filter((fault) => fault !== undefined);
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} @svo/${name}`);
  for (const fault of faults) console.log(fault);
  failed += faults.length;
}
console.log(failed === 0 ? 'packages: publint and attw found no fault' : `packages: ${failed} faults`);
process.exitCode = failed === 0 ? 0 : 1;
