/**
 * Runs the suite of `@svo/losses` on every backend, with a tenth of cpu's cases a law, and prints which ran, which could not and why.
 *
 *   node --conditions=@svo/source packages/losses/scripts/backends.ts [backend...]
 *
 * `npm test` does the same with fewer cases; `SVO_TEST_SHARE` sets the share.
 *
 * Exits 1 when a backend that runs has a failing test; one that cannot start here is listed, not passed over.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const known = ['cpu', 'wasm', 'wasm+kernels', 'tensorflow', 'webgpu', 'cpu+operations', 'wasm+operations'];
const share = (backend: string): string => (backend === 'cpu' ? '1' : backend === 'webgpu' ? '0.02' : '0.1');
const backends = process.argv.length > 2 ? process.argv.slice(2) : known;
const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Row {
  readonly backend: string;
  readonly passed: number;
  readonly failed: number;
  readonly note: string;
}

interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly fullName: string }[] }[];
}

function run(backend: string): Row {
  const file = join(mkdtempSync(join(tmpdir(), 'svo-backends-')), 'report.json');
  const suite = ['packages/losses/src', '--reporter=json', `--outputFile=${file}`];
  const { stderr } = spawnSync('npx', ['vitest', 'run', ...suite], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { SVO_TEST_SHARE: share(backend), ...process.env, SVO_TEST_BACKEND: backend },
  });
  if (!existsSync(file)) {
    return { backend, passed: 0, failed: 1, note: `the run broke off: ${stderr.trim().split('\n').at(-1) ?? ''}` };
  }
  const report = JSON.parse(readFileSync(file, 'utf8')) as JsonReport;
  const titles = report.testResults.flatMap(({ assertionResults }) => assertionResults.map(({ fullName }) => fullName));
  const refusal = titles
    .map((title) => /could not start: (.*?)\]/.exec(title)?.[1])
    .find((reason) => reason !== undefined);
  if (refusal !== undefined) return { backend, passed: 0, failed: 0, note: `could not start here: ${refusal}` };
  const failed = report.numFailedTests;
  return { backend, passed: report.numPassedTests, failed, note: failed === 0 ? 'passes' : 'FAILS' };
}

const rows = backends.map(run);
console.table(Object.fromEntries(rows.map(({ backend, ...row }) => [backend, row])));
process.exit(rows.some(({ failed }) => failed > 0) ? 1 : 0);
