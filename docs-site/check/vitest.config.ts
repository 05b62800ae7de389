import { defineConfig } from 'vitest/config';

/** Minutes, so that no verdict depends on how busy the machine is: only what hangs meets them. */
const patience = 600_000;

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: patience,
    hookTimeout: patience,
    expect: { poll: { timeout: 60_000 } },
    // One browser at a time.
    fileParallelism: false,
    globalSetup: ['site.ts'],
  },
});
