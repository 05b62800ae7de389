import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { backendTable } from './scripts/backend-table.ts';
import { LongestFirst } from './test/setup/longest-first.ts';

/** Minutes, so that no verdict depends on how busy the machine is: only what hangs meets them. */
const patience = 600_000;

/** One more than there are cores: some test waits for a child, a server or a timer at any time. Memory sets the limit. */
const maxWorkers = Math.min(availableParallelism() + 1, 6);

/** Tests run from source through the private `@svo/source` condition: nothing has to be built first. */
const fromSource = {
  resolve: { conditions: ['@svo/source'] },
  ssr: { resolve: { conditions: ['@svo/source'], externalConditions: ['@svo/source'] } },
};

/** Where one file's tests know nothing of another's, files share processes; a tensor backend is a process's own. */
const project = (
  name: string,
  include: string[],
  sharing: boolean,
  exclude: string[] = [],
): TestProjectConfiguration => ({
  ...fromSource,
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', '**/dist/**', ...exclude],
    setupFiles: ['test/setup/seed.ts'],
    testTimeout: patience,
    hookTimeout: patience,
    pool: 'forks',
    isolate: !sharing,
    execArgv: ['--conditions=@svo/source'],
  },
});

/** A package's tests are the project of its name: `pnpm --filter @svo/mdp test`, or `vitest --project mdp`. */
const ofPackage = (name: string, exclude?: string[]): TestProjectConfiguration =>
  project(name, [`packages/${name}/src/**/*.test.ts`], true, exclude);

/** What starts a backend other than plain JavaScript, or changes one for the rest of its process. */
const changesBackend = /useBackend\((?!'cpu'\))|installKernels|backendsHere|test-support\/backends|tf\.env\(\)\.set/;

/** Two projects: the files that only compute share processes, one that chooses a backend has its own. */
function ofTensorPackage(name: string): TestProjectConfiguration[] {
  const alone = globSync(`packages/${name}/src/**/*.test.ts`, { cwd: import.meta.dirname }).filter((file) =>
    changesBackend.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  );
  return [ofPackage(name, alone), ...(alone.length > 0 ? [project(`${name} on backends`, alone, false)] : [])];
}

export default defineConfig({
  ...fromSource,
  test: {
    globalSetup: [
      'test/setup/draw-seed.ts',
      'test/setup/compile-once.ts',
      'test/setup/reap.ts',
      'test/swiftshader/provide.ts',
    ],
    reporters: ['default', backendTable],
    maxWorkers,
    sequence: { sequencer: LongestFirst },
    projects: [
      ...['mdp', 'files', 'verify', 'policy', 'mcts', 'data', 'report', 'queue'].map((name) => ofPackage(name)),
      ...['tensor', 'kernels', 'models', 'train', 'recipes', 'tinker'].flatMap(ofTensorPackage),
      ofPackage('losses', ['packages/losses/src/backends/**']),
      project('losses on backends', ['packages/losses/src/backends/*.test.ts'], false),
      ofPackage('cli'),
      project('main', ['main/src/**/*.test.ts'], true),
      project('repository', ['test/**/*.test.ts', 'examples/**/*.test.ts'], false),
    ],
  },
});
