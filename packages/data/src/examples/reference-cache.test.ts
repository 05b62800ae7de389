import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { examples } from '../test-support/examples.ts';
import { temporaryFolder } from '../test-support/temporary.ts';
import type { Example } from './example.ts';
import { referenceCache, referenceKey } from './reference-cache.ts';

const root = temporaryFolder();
const fresh = () => mkdtempSync(`${root}/`);
const options = { weights: 'sha256:abc' };

/** Stands for a model: log-probs that are a function of tokens and steps. */
const logpsOf = ({ ids, stepIds, credits }: Example): number[] =>
  credits.map((_, step) => -ids.reduce((sum, id, at) => sum + (stepIds[at] === step ? Math.sin(id) ** 2 : 0), 0));

const counting = () => {
  const seen: Example[] = [];
  const compute = async (missing: readonly Example[]) => {
    seen.push(...missing);
    return missing.map(logpsOf);
  };
  return { seen, compute };
};

test('cached equals computed, in a second process as in the first, and nothing is computed twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(examples, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (rows, batchSize) => {
        const folder = fresh();
        const { seen, compute } = counting();
        const first = await (await referenceCache(folder, options)).fill(rows, compute, { batchSize });
        expect(first.examples.map(({ referenceLogps }) => referenceLogps)).toEqual(rows.map(logpsOf));
        expect(seen.length).toBe(new Set(rows.map((row) => referenceKey(row, options))).size);
        const again = await (await referenceCache(folder, options)).fill(rows, compute, { batchSize });
        expect(again).toEqual({ examples: first.examples, hits: rows.length, misses: 0 });
        expect(seen.length).toBe(new Set(rows.map((row) => referenceKey(row, options))).size);
      },
    ),
    { numRuns: 25 },
  );
});

const example: Example = { ids: [1, 2, 3], stepIds: [-1, 0, 1], credits: [0.5, 0.25], terminal: true };

describe('the key', () => {
  test('is of tokens, steps, weights and reduction', () => {
    const keys = [
      referenceKey(example, options),
      referenceKey({ ...example, ids: [1, 2, 4] }, options),
      referenceKey({ ...example, stepIds: [-1, 0, 0] }, options),
      referenceKey({ ...example, credits: [1] }, options),
      referenceKey(example, { weights: 'other' }),
      referenceKey(example, { ...options, reduction: 'token' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is not of credits and ends: they change without the log-probs', () => {
    expect(referenceKey({ ...example, credits: [9, 9], terminal: false, referenceLogps: [0, 0] }, options)).toBe(
      referenceKey(example, options),
    );
  });
});

test('other weights are other entries in the same folder', async () => {
  const folder = fresh();
  const { seen, compute } = counting();
  await (await referenceCache(folder, options)).fill([example], compute);
  await (await referenceCache(folder, { weights: 'round 2' })).fill([example], compute);
  expect(seen.length).toBe(2);
});

test('what was computed before a crash is kept: each batch is on disk before the next', async () => {
  const folder = fresh();
  const rows = [1, 2, 3].map((id) => ({ ...example, ids: [id, 2, 3] }));
  const { compute, seen } = counting();
  const crashing = async (missing: readonly Example[]) => {
    if (missing[0]!.ids[0] === 3) throw new Error('out of memory');
    return compute(missing);
  };
  await expect((await referenceCache(folder, options)).fill(rows, crashing, { batchSize: 1 })).rejects.toThrow(
    'out of memory',
  );
  const { hits } = await (await referenceCache(folder, options)).fill(rows, compute);
  expect(hits).toBe(2);
  expect(seen.length).toBe(3);
});

test('a damaged file is named, left out, and computed again', async () => {
  const folder = fresh();
  const { seen, compute } = counting();
  await (await referenceCache(folder, options)).fill([example], compute);
  const [name] = readdirSync(folder);
  const path = `${folder}/${name}`;
  for (const damage of [readFileSync(path, 'utf8').replace(/-(\d)/, '-9$1'), '[{"key":', '{}']) {
    writeFileSync(path, damage);
    const cache = await referenceCache(folder, options);
    expect(cache.damaged).toEqual([name]);
    expect(cache.size()).toBe(0);
    expect((await cache.fill([example], compute)).examples[0]!.referenceLogps).toEqual(logpsOf(example));
    expect((await referenceCache(folder, options)).damaged).toEqual([]);
  }
  expect(seen.length).toBe(4);
  writeFileSync(`${folder}/half-written.tmp`, 'x');
  expect((await referenceCache(folder, options)).damaged).toEqual([]);
});

test('what compute returns is checked', async () => {
  const cache = await referenceCache(fresh(), options);
  const filling = (logps: number[][]) => cache.fill([example], async () => logps);
  await expect(filling([])).rejects.toThrow('referenceCache: compute must return 1 arrays, one an example, got 0');
  await expect(filling([[-1]])).rejects.toThrow('compute must return 2 log-probs for an example of 2 steps, got 1');
  await expect(filling([[-1, Number.NaN]])).rejects.toThrow('compute must return finite log-probs, got NaN');
  expect(cache.size()).toBe(0);
});
