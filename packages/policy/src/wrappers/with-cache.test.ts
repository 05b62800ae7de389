import type { Candidate, Policy, ProposeRequest } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failedCandidates } from './candidates.ts';
import { receiptOf } from './receipts.ts';
import { memoryStore, withCache } from './with-cache.ts';

const tree = plantedTree({ seed: 2 });
const counted = (policy: Policy): Policy & { asked: ProposeRequest[] } => {
  const asked: ProposeRequest[] = [];
  const propose: Policy['propose'] = (request, signal) => {
    asked.push(request);
    return policy.propose(request, signal);
  };
  return {
    id: policy.id,
    asked,
    propose,
    proposeMany: (requests) => Promise.all(requests.map((request) => propose(request))),
  };
};
const ask = (index: number, seed: number, count: number): ProposeRequest => {
  const question = tree.question(index);
  return { question, state: { questionId: question.id, steps: [] }, count, seed };
};
const requests = fc.array(
  fc.tuple(fc.nat(2), fc.nat(2), fc.integer({ min: 1, max: 3 })).map(([index, seed, count]) => ask(index, seed, count)),
  { minLength: 1, maxLength: 20 },
);

describe('laws', () => {
  it('a cache changes no answer: one by one, all at once, or as a batch', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const plain = await Promise.all(list.map((request) => tree.policy.propose(request)));
        const inTurn = withCache(tree.policy);
        for (let at = 0; at < list.length; at++) expect(await inTurn.propose(list[at]!)).toEqual(plain[at]);
        const atOnce = withCache(tree.policy);
        expect(await Promise.all(list.map((request) => atOnce.propose(request)))).toEqual(plain);
        expect(await withCache(tree.policy).proposeMany!(list)).toEqual(plain);
      }),
    );
  });

  it('asks for each different request once, and counts the rest as hits', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const different = new Set(list.map((request) => JSON.stringify(request))).size;
        for (const batch of [false, true]) {
          const below = counted(tree.policy);
          const cached = withCache(below);
          const answers = batch
            ? await cached.proposeMany!(list)
            : await Promise.all(list.map((one) => cached.propose(one)));
          expect(below.asked.length).toBe(different);
          const hits = answers.reduce((total, answer) => total + receiptOf(answer).cacheHits, 0);
          expect(hits).toBe(list.length - different);
        }
      }),
    );
  });
});

it('tells requests apart by everything a policy can see', async () => {
  const below = counted(tree.policy);
  const cached = withCache(below);
  const base = ask(0, 1, 2);
  const others: ProposeRequest[] = [
    base,
    { ...base, seed: 2 },
    { ...base, count: 3 },
    { ...base, question: { ...base.question, prompt: 'other' } },
    { ...base, question: { ...base.question, answer: 'other' } },
    { ...base, state: { ...base.state, steps: ['Take branch 0.\n\n'] } },
  ];
  for (const request of others) await cached.propose(request);
  expect(below.asked.length).toBe(others.length);
});

it('does not keep failures', async () => {
  let calls = 0;
  const flaky: Policy = {
    id: 'flaky',
    propose: async ({ count }) =>
      calls++ === 0 ? failedCandidates(count, { kind: 'server', message: '' }) : tree.policy.propose(ask(0, 1, count)),
  };
  const cached = withCache(flaky);
  expect((await cached.propose(ask(0, 1, 1)))[0]!.finish).toBe('error');
  expect((await cached.propose(ask(0, 1, 1)))[0]!.finish).toBe('step');
});

it('a caller that cancels takes nobody else with it', async () => {
  const slow: Policy = {
    id: 'slow',
    propose: (request, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(tree.policy.propose(request)), 10);
        signal?.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve(failedCandidates(request.count, { kind: 'cancelled', message: '' }));
        });
      }),
  };
  const cached = withCache(slow);
  const controller = new AbortController();
  const first = cached.propose(ask(0, 1, 2), controller.signal);
  const second = cached.propose(ask(0, 1, 2));
  const impatient = new AbortController();
  const third = cached.propose(ask(0, 1, 2), impatient.signal);
  await Promise.resolve();
  controller.abort();
  impatient.abort();
  expect((await first)[0]!.failure?.kind).toBe('cancelled');
  expect((await third)[0]!.failure?.kind).toBe('cancelled');
  expect(await second).toEqual(await tree.policy.propose(ask(0, 1, 2)));
});

it('works on a Map and on an asynchronous store', async () => {
  const map = new Map<string, readonly Candidate[]>();
  const store = {
    get: async (key: string) => map.get(key),
    set: async (key: string, value: readonly Candidate[]) => map.set(key, value),
  };
  await withCache(tree.policy, map).propose(ask(0, 1, 2));
  expect(map.size).toBe(1);
  const below = counted(tree.policy);
  await withCache(below, store).propose(ask(0, 1, 2));
  expect(below.asked).toEqual([]);
});

describe('memoryStore', () => {
  it('forgets what was used longest ago', () => {
    const store = memoryStore({ maxEntries: 2 });
    store.set('a', []);
    store.set('b', []);
    store.get('a');
    store.set('c', []);
    expect(['a', 'b', 'c'].map((key) => store.get(key) !== undefined)).toEqual([true, false, true]);
  });

  it('refuses to be smaller than one entry', () => {
    expect(() => memoryStore({ maxEntries: 0 })).toThrow('memoryStore: maxEntries must be >= 1, got 0');
  });
});
