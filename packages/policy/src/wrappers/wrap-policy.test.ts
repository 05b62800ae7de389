import { inspect } from 'node:util';
import { blankLineFormat, type Policy, type ProposeRequest } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyError } from '../http/errors.ts';
import { openaiPolicy } from '../servers/openai/openai-policy.ts';
import { batchRequests } from './batch-requests.ts';
import { countOf, failedCandidates } from './candidates.ts';
import { withCache } from './with-cache.ts';
import { withConcurrency } from './with-concurrency.ts';
import { withRateLimit } from './with-rate-limit.ts';
import { withRetry } from './with-retry.ts';
import { withTimeout } from './with-timeout.ts';
import { createLedger, withUsage } from './with-usage.ts';

const tree = plantedTree({ seed: 5, branching: 3, depth: 3 });
const ask = (seed: number, count = 3): ProposeRequest => {
  const question = tree.question(seed % 4);
  return { question, state: { questionId: question.id, steps: [] }, count, seed };
};

const wrappers: [string, (policy: Policy) => Policy][] = [
  ['withRetry', (policy) => withRetry(policy, { baseMs: 0 })],
  ['withCache', (policy) => withCache(policy)],
  ['withConcurrency', (policy) => withConcurrency(policy, 2)],
  ['withTimeout', (policy) => withTimeout(policy, 1000)],
  ['withRateLimit', (policy) => withRateLimit(policy, { perMinute: 6e6 })],
  ['withUsage', (policy) => withUsage(policy, createLedger())],
  ['batchRequests', (policy) => batchRequests(policy)],
];
const stacks = fc.shuffledSubarray(wrappers).map((list) => ({
  name: list.map(([name]) => name).join(' < '),
  wrap: (policy: Policy) => list.reduce((inner, [, wrap]) => wrap(inner), policy),
}));

describe('any stack of wrappers', () => {
  it('answers as the bare policy does, one by one and as a batch, under the same id', async () => {
    await fc.assert(
      fc.asyncProperty(stacks, fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), async ({ wrap }, seeds) => {
        const policy = wrap(tree.policy);
        const requests = seeds.map((seed) => ask(seed));
        const bare = await tree.policy.proposeMany!(requests);
        expect(await Promise.all(requests.map((request) => policy.propose(request)))).toEqual(bare);
        expect(await policy.proposeMany!(requests)).toEqual(bare);
        expect(policy.id).toBe(tree.policy.id);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'Final Answer: 5'],
    ['nulls', [null, null]],
    ['something else', [{ step: 'Final Answer: 5' }]],
  ])('throws what a defective policy gives in place of candidates: %s', async (_, given) => {
    const defective = { id: 'defective', propose: async () => given } as unknown as Policy;
    for (const [name, wrap] of wrappers) {
      if (name === 'batchRequests') continue;
      await expect(wrap(defective).propose(ask(1)), name).rejects.toThrow('gave something else than candidates');
    }
  });

  it('settles every promise when it is cancelled, though the policy below never answers', async () => {
    const never: Policy = {
      id: 'never',
      propose: () => new Promise(() => undefined),
      proposeMany: () => new Promise(() => undefined),
    };
    await fc.assert(
      fc.asyncProperty(
        stacks.filter(({ name }) => name !== ''),
        fc.nat(3),
        async ({ wrap }, turns) => {
          const policy = wrap(never);
          const controller = new AbortController();
          const calls = [1, 2, 3, 4, 5].map((seed) => policy.propose(ask(seed), controller.signal));
          for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
          controller.abort();
          for (const answer of await Promise.all(calls)) {
            expect(countOf(answer)).toBe(3);
            expect(answer.map(({ failure }) => failure?.kind)).toEqual(['cancelled']);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('starts nothing for a caller that has cancelled already', async () => {
    await fc.assert(
      fc.asyncProperty(
        stacks.filter(({ name }) => name !== ''),
        async ({ wrap }) => {
          let started = 0;
          const policy = wrap({ id: 'counts', propose: async () => [], proposeMany: async () => Array(started++) });
          const answer = await policy.propose(ask(1), AbortSignal.abort());
          expect(answer[0]!.failure?.kind).toBe('cancelled');
          expect(started).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('turns a PolicyError, a short answer and a short batch into failures, counts conserved', async () => {
    const broken: Policy[] = [
      {
        id: 'throws',
        propose: () => Promise.reject(policyError('server', 'HTTP 500')),
        proposeMany: () => Promise.reject(policyError('server', 'HTTP 500')),
      },
      { id: 'short', propose: async () => [], proposeMany: async () => [] },
      {
        id: 'long',
        propose: async ({ count }) => failedCandidates(count + 5, { kind: 'server', message: '' }),
        proposeMany: async (list) =>
          list.map(({ count }) => failedCandidates(count + 5, { kind: 'server', message: '' })),
      },
    ];
    await fc.assert(
      fc.asyncProperty(
        stacks.filter(({ name }) => name !== ''),
        fc.constantFrom(...broken),
        async ({ wrap }, policy) => {
          const wrapped = wrap(policy);
          for (const answer of [await wrapped.propose(ask(1)), ...(await wrapped.proposeMany!([ask(2), ask(3)]))]) {
            expect(answer.every(({ finish }) => finish === 'error')).toBe(true);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

it('shows no key, however a policy is looked at, wrapped or not', () => {
  const apiKey = 'sk-inspect-me-if-you-can';
  const bare = openaiPolicy({ url: 'http://127.0.0.1:1', apiKey, model: 'm', format: blankLineFormat });
  for (const [, wrap] of wrappers) {
    for (const policy of [bare, wrap(bare)]) {
      expect(inspect(policy, { depth: 10, showHidden: true }) + JSON.stringify(policy) + policy.id).not.toContain(
        'inspect-me',
      );
    }
  }
});
