import { createHash } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { type Candidate, createRng, type Policy, type Question, splitRng } from '@svo/mdp';
import { describe, expect } from 'vitest';
import { saveTree } from '../files/save-tree.ts';
import { aligned } from '../files/tree-file.ts';
import type { Rules } from '../rules/rules.ts';
import { maxIterations } from '../rules/stop.ts';
import { searchMany } from '../search/many/search-many.ts';
import { drawCandidates, testRules } from '../test-support/grow-tree.ts';

const rules: Rules = { ...testRules, stop: maxIterations(18) };
const questions: Question[] = Array.from({ length: 70 }, (_, i) => ({ id: `q${i}`, prompt: '2 + 3?' }));
const candidatesFor = (seed: number): Candidate[] => drawCandidates(splitRng(createRng(1), seed));

/**
 * Runs a search whose answers come in the order an adversary picks: `order` says which of those out is next. At most
 * `inFlight` requests are out; those beyond wait their turn, as before a busy server.
 */
const underAdversary = async (
  options: { trees: number; leaves: number; count: number; inFlight?: number },
  order: readonly number[],
): Promise<Map<string, Uint8Array>> => {
  const out: (() => void)[] = [];
  let peak = 0;
  const policy: Policy = {
    id: 'adversary',
    propose: ({ seed }) =>
      new Promise((resolve) => {
        out.push(() => resolve(candidatesFor(seed)));
      }),
  };
  const { trees, leaves, count, inFlight = Number.POSITIVE_INFINITY } = options;
  const saved = new Map<string, Uint8Array>();
  let going = true;
  const search = (async () => {
    for await (const record of searchMany({
      questions: questions.slice(0, count),
      policy,
      rules,
      trees,
      leaves,
      seed: 6,
    })) {
      if (record.kind === 'tree') saved.set(record.question.id, saveTree(record.tree));
    }
    going = false;
  })();
  for (let turn = 0; going; turn++) {
    // All that is out has been sent before the adversary picks.
    await new Promise((resolve) => setImmediate(resolve));
    const pick = order.length === 0 ? 0 : order[turn % order.length]!;
    const width = Math.min(inFlight, out.length);
    peak = Math.max(peak, width);
    out.splice(pick % Math.max(1, width), 1)[0]?.();
  }
  await search;
  if (inFlight < Number.POSITIVE_INFINITY) expect(peak).toBe(inFlight);
  return new Map([...saved].sort());
};

/** A tree's sections: its arrays and texts, without what the header says beside them. */
const afterHeader = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(aligned(16 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)));

describe('in order', () => {
  test('trees are these bytes, on every Node and every machine', async () => {
    const trees = await underAdversary({ trees: 8, leaves: 3, count: 12 }, [3, 1, 4, 1, 5]);
    const hash = createHash('sha256');
    for (const bytes of trees.values()) hash.update(afterHeader(bytes));
    expect(hash.digest('hex')).toBe('d6fa68b11427247c46222eb1e9183e21d7a2ada508d217a78e2e9cff7d1bc42b');
  });

  test.prop([fc.constantFrom(1, 8, 64), fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(200), { maxLength: 40 })], {
    numRuns: 25,
  })(
    'trees are bit-identical with 1, 8 and 64 trees at a time, whatever the order of completion',
    async (trees, leaves, order) => {
      const expected = await underAdversary({ trees: 1, leaves, count: 12 }, []);
      expect(expected.size).toBe(12);
      expect(await underAdversary({ trees, leaves, count: 12 }, order)).toEqual(expected);
    },
  );

  const orders = fc.array(fc.nat(200), { minLength: 1, maxLength: 40 });
  test.prop([fc.integer({ min: 1, max: 3 }), orders, orders], { numRuns: 3 })(
    'and with exactly 1, 8 and 64 requests in flight',
    async (leaves, eight, sixtyFour) => {
      const settings = { trees: 64, leaves, count: 66 };
      const expected = await underAdversary({ ...settings, inFlight: 1 }, []);
      expect(expected.size).toBe(66);
      expect(await underAdversary({ ...settings, inFlight: 8 }, eight)).toEqual(expected);
      expect(await underAdversary({ ...settings, inFlight: 64 }, sixtyFour)).toEqual(expected);
    },
  );
});
