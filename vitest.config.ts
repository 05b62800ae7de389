import { defineConfig } from 'vitest/config';
import { backendTable } from './scripts/backend-table.ts';

/** Tests run from source through the private `@svo/source` condition: nothing has to be built first. */
export default defineConfig({
  resolve: { conditions: ['@svo/source'] },
  ssr: { resolve: { conditions: ['@svo/source'], externalConditions: ['@svo/source'] } },
  test: {
    globalSetup: ['test/swiftshader/provide.ts'],
    reporters: ['default', backendTable],
    include: ['packages/*/src/**/*.test.ts', 'main/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 60_000,
    pool: 'forks',
    execArgv: ['--conditions=@svo/source'],
    maxWorkers: 2,
  },
});
