import type { Policy } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOf } from './candidates.ts';
import { withConcurrency } from './with-concurrency.ts';

const tree = plantedTree({ seed: 3 });
const question = tree.question(0);
const ask = (seed: number): Parameters<Policy['propose']>[0] => ({
  question,
  state: { questionId: question.id, steps: [] },
  count: 2,
  seed,
});

/** Takes some turns of the event loop for each call, and may reject; notes how many calls run at a time. */
const watched = (turns: (seed: number) => number): Policy & { now: number; most: number; order: number[] } => {
  const self: Policy & { now: number; most: number; order: number[] } = {
    id: 'watched',
    now: 0,
    most: 0,
    order: [],
    propose: async (request) => {
      self.order.push(request.seed);
      self.most = Math.max(self.most, ++self.now);
      for (let turn = 0; turn < turns(request.seed); turn++) await new Promise((resolve) => setImmediate(resolve));
      self.now--;
      if (request.seed % 7 === 6) throw new TypeError('planted');
      return tree.policy.propose(request);
    },
  };
  return self;
};

it('never exceeds the limit, uses all of it, and settles every call, with rejections and cancellations among them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.record({ turns: fc.nat(4), cancelAt: fc.option(fc.nat(6), { nil: undefined }) }), {
        minLength: 1,
        maxLength: 30,
      }),
      async (limit, calls) => {
        const below = watched((seed) => calls[seed]!.turns);
        const policy = withConcurrency(below, limit);
        const results = await Promise.allSettled(
          calls.map(async ({ cancelAt }, seed) => {
            const controller = new AbortController();
            const answer = policy.propose(ask(seed), controller.signal);
            answer.catch(() => undefined);
            if (cancelAt !== undefined) {
              for (let turn = 0; turn < cancelAt; turn++) await new Promise((resolve) => setImmediate(resolve));
              controller.abort();
            }
            return answer;
          }),
        );
        expect(below.most).toBeLessThanOrEqual(limit);
        // A cancelled call settles at once; the one below it, which pays no heed, still runs and holds its place.
        while (below.now > 0) await new Promise((resolve) => setImmediate(resolve));
        for (const result of results) if (result.status === 'fulfilled') expect(countOf(result.value)).toBe(2);
        // The places are all given back: as many calls as the limit run at once again.
        const after = withConcurrency(
          watched(() => 1),
          limit,
        );
        expect(await Promise.all(Array.from({ length: limit }, () => after.propose(ask(0))))).toHaveLength(limit);
      },
    ),
    { numRuns: 50 },
  );
});

it('serves the queue in order', async () => {
  const below = watched(() => 1);
  const policy = withConcurrency(below, 1);
  await Promise.all([0, 1, 2, 3, 4].map((seed) => policy.propose(ask(seed))));
  expect(below.order).toEqual([0, 1, 2, 3, 4]);
  expect(below.most).toBe(1);
});

it('lets a cancelled call leave the queue without ever starting', async () => {
  const below = watched(() => 3);
  const policy = withConcurrency(below, 1);
  const controller = new AbortController();
  const first = policy.propose(ask(0));
  const second = policy.propose(ask(1), controller.signal);
  controller.abort();
  expect((await second)[0]!.failure?.kind).toBe('cancelled');
  await first;
  expect(below.order).toEqual([0]);
});

it('refuses a limit that is no limit', () => {
  for (const limit of [0, -1, 1.5, Number.NaN])
    expect(() => withConcurrency(tree.policy, limit)).toThrow('limit must be');
});
