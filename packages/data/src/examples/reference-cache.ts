import { writeWhole } from '@svo/files';
import { assertCounts, assertOptions, contentHash } from '@svo/mdp';
import * as z from 'zod';
import { parseWith } from '../rows/schemas.ts';
import type { Example } from './example.ts';

/** Whose log-probs, and of what: with the tokens and their steps this names an entry. */
export interface ReferenceOptions {
  /** Names the reference's weights: a hash of them or a checkpoint's id. Other weights, other entries. */
  readonly weights: string;
  /** How token log-probs become step log-probs. Default `'step-sum'`. */
  readonly reduction?: string;
}

/** What {@link referenceCache} has done: how many examples it knew and how many were computed. */
export interface ReferenceResult {
  readonly examples: Example[];
  readonly hits: number;
  readonly misses: number;
}

/** Reference log-probs on disk, by content. */
export interface ReferenceCache {
  /**
   * Gives every example its `referenceLogps`: from the cache, or from `compute`, which gets the unknown ones in batches of
   * `batchSize` and returns log π_ref of each step of each. Every batch is on disk before the next one begins, so that
   * nothing computed is lost; equal examples are computed once.
   */
  readonly fill: (
    examples: readonly Example[],
    compute: (missing: readonly Example[]) => Promise<readonly (readonly number[])[]>,
    options?: { readonly batchSize?: number },
  ) => Promise<ReferenceResult>;
  /** Entries known now. */
  readonly size: () => number;
  /** Files in the folder whose content is not what their name says; they are left out. */
  readonly damaged: readonly string[];
}

const entries = z.array(z.strictObject({ key: z.string(), logps: z.array(z.number()) }));

/**
 * The name of an example's reference log-probs: the hash of its tokens (as they are after truncation), which of them are
 * scored in which step, the weights, and the reduction. Credits don't matter: they change every round, log-probs don't.
 *
 * @example
 * ```ts
 * import { referenceKey } from '@svo/data';
 * const example = { ids: [1, 2], stepIds: [-1, 0], credits: [0.5], terminal: true };
 * referenceKey(example, { weights: 'a' }) === referenceKey({ ...example, credits: [0.75] }, { weights: 'a' }); // => true
 * referenceKey(example, { weights: 'a' }) === referenceKey(example, { weights: 'b' }); // => false
 * ```
 */
export function referenceKey(
  { ids, stepIds, credits }: Example,
  { weights, reduction = 'step-sum' }: ReferenceOptions,
): string {
  return contentHash({ ids, stepIds, steps: credits.length, weights, reduction });
}

const readFolder = async (folder: string): Promise<{ known: Map<string, readonly number[]>; damaged: string[] }> => {
  const { mkdir, readdir, readFile } = await import('node:fs/promises');
  await mkdir(folder, { recursive: true });
  const known = new Map<string, readonly number[]>();
  const damaged: string[] = [];
  for (const name of (await readdir(folder)).filter((file) => /^[0-9a-f]{64}\.json$/.test(file)).toSorted()) {
    try {
      const content = parseWith(entries, JSON.parse(await readFile(`${folder}/${name}`, 'utf8')), name);
      if (`${contentHash(content)}.json` !== name) throw new RangeError('the content is not what the name says');
      for (const { key, logps } of content) known.set(key, logps);
    } catch {
      damaged.push(name);
    }
  }
  return { known, damaged };
};

const checkComputed = (missing: readonly Example[], computed: readonly (readonly number[])[]): void => {
  const fail = (what: string): never => {
    throw new RangeError(`referenceCache: compute must return ${what}`);
  };
  if (computed.length !== missing.length) fail(`${missing.length} arrays, one an example, got ${computed.length}`);
  computed.forEach((logps, index) => {
    const steps = missing[index]!.credits.length;
    if (logps.length !== steps) fail(`${steps} log-probs for an example of ${steps} steps, got ${logps.length}`);
    const bad = logps.find((logp) => !Number.isFinite(logp));
    if (bad !== undefined)
      fail(`finite log-probs, got ${bad} (a reference that is NaN or −∞ would poison every epoch)`);
  });
};

/**
 * A folder of reference log-probs, found by content (see {@link referenceKey}): shared by epochs, runs and data sets, and
 * never stale. Each file holds one batch, is written atomically and named by the hash of its content; one that doesn't
 * match its name is left out and computed again.
 *
 * @param folder made when it isn't there
 * @throws RangeError when `compute` returns the wrong number of log-probs or one that is not finite; file errors as they are
 * @example
 * ```ts
 * import { referenceCache } from '@svo/data';
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * const cache = await referenceCache(mkdtempSync(`${tmpdir()}/svo-example-`), { weights: 'step-0' });
 * const example = { ids: [1, 2], stepIds: [-1, 0], credits: [0.5], terminal: true };
 * const compute = async (missing: readonly unknown[]) => missing.map(() => [-0.25]);
 * (await cache.fill([example], compute)).misses; // => 1
 * (await cache.fill([example], compute)).hits; // => 1
 * ```
 */
export async function referenceCache(folder: string, options: ReferenceOptions): Promise<ReferenceCache> {
  assertOptions('referenceCache', options, ['weights', 'reduction']);
  const { known, damaged } = await readFolder(folder);
  const store = async (batch: readonly { key: string; logps: readonly number[] }[]): Promise<void> => {
    await writeWhole(`${folder}/${contentHash(batch)}.json`, JSON.stringify(batch));
    for (const { key, logps } of batch) known.set(key, logps);
  };
  return {
    damaged,
    size: () => known.size,
    fill: async (examples, compute, fillOptions = {}) => {
      assertOptions('referenceCache.fill', fillOptions, ['batchSize']);
      const { batchSize = 64 } = fillOptions;
      assertCounts('referenceCache.fill', { batchSize });
      const keys = examples.map((example) => referenceKey(example, options));
      const unknown = [...new Map(keys.map((key, index) => [key, index])).entries()].filter(([key]) => !known.has(key));
      const hits = keys.filter((key) => known.has(key)).length;
      for (let at = 0; at < unknown.length; at += batchSize) {
        const batch = unknown.slice(at, at + batchSize);
        const missing = batch.map(([, index]) => examples[index]!);
        const computed = await compute(missing);
        checkComputed(missing, computed);
        await store(batch.map(([key], index) => ({ key, logps: [...computed[index]!] })));
      }
      return {
        examples: examples.map((example, index) => ({ ...example, referenceLogps: known.get(keys[index]!)! })),
        hits,
        misses: examples.length - hits,
      };
    },
  };
}
