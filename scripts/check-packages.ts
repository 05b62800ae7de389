/** Every package as npm would publish it: publint and attw find no fault. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
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

let failed = 0;
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  const faults = [
    run(bin('publint'), ['--strict', '--pack', 'npm'], folder),
    run(bin('attw'), ['--pack', '.', '--profile', 'esm-only'], folder),
  ].filter((fault) => fault !== undefined);
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} @svo/${name}`);
  for (const fault of faults) console.log(fault);
  failed += faults.length;
}
console.log(failed === 0 ? 'packages: publint and attw found no fault' : `packages: ${failed} faults`);
process.exitCode = failed === 0 ? 0 : 1;
