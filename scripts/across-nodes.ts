/**
 * Runs tests under several releases of Node, each fetched from npm as `node-<platform>-<arch>`: what a tree's hash is pinned
 * to on one Node must hold on the others.
 *
 *     node scripts/across-nodes.ts                                   (packages/mcts under Node 20, 22 and 24)
 *     node scripts/across-nodes.ts 20,22 packages/mcts packages/mdp
 *
 * Writes benchmarks/results/across-nodes.json, and fails if any test does.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [majors = '20,22,24', ...filters] = process.argv.slice(2);
const tests = filters.length > 0 ? filters : ['packages/mcts'];
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'svo-across-nodes-'));

const runs = majors.split(',').map((major) => {
  const release = `node-${process.platform}-${process.arch}@${major}`;
  const node = execFileSync('npx', ['-y', '-p', release, '-c', 'command -v node'], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const report = join(folder, `${version}.json`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  spawnSync(node, [vitest, 'run', ...tests, '--testTimeout=600000', '--reporter=json', `--outputFile=${report}`], {
    cwd: root,
    stdio: 'inherit',
  });
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = testResults.flatMap(
    ({ assertionResults }: { assertionResults: { status: string; fullName: string }[] }) =>
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  );
  const row = { version, passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, failures: failed };
  console.log(row);
  return row;
});
rmSync(folder, { recursive: true });

const results = { date: new Date().toISOString().slice(0, 10), tests, runs };
writeFileSync(join(root, 'benchmarks', 'results', 'across-nodes.json'), `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = runs.every(({ passed, failed }) => passed > 0 && failed === 0) ? 0 : 1;
