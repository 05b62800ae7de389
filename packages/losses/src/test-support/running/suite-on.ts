import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'vitest';

const sources = new URL('../../', import.meta.url);

/**
 * Runs every test file of this package that computes with tensors once more, on another backend than cpu and in one process.
 * One file a backend, so that each has an engine of its own. Does nothing where the whole run is already about another backend.
 */
export async function suiteOn(backend: string): Promise<void> {
  if (process.env.SVO_TEST_BACKEND !== undefined) {
    test.skip(`${backend}: this run is about ${process.env.SVO_TEST_BACKEND}`);
    return;
  }
  process.env.SVO_TEST_BACKEND = backend;
  const all = readdirSync(sources, { recursive: true }) as string[];
  for (const file of all.filter((name) => name.endsWith('.test.ts') && !name.startsWith('backends')).toSorted())
    if (readFileSync(new URL(file, sources), 'utf8').includes('onBackend(')) await import(new URL(file, sources).href);
}
