import { inspect } from 'node:util';
import { blankLineFormat, type Policy, type ProposeRequest } from '@svo/mdp';
import { fakeServer, plantedTree, scriptedPolicy } from '@svo/policy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchRequests } from './batch-requests.ts';
import { countOf, failedCandidates } from './candidates.ts';
import { policyError } from './errors.ts';
import { openaiPolicy } from './openai-policy.ts';
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

describe('withTimeout', () => {
  it('ends a call that takes too long, and stops it below', async () => {
    let stopped = false;
    const slow: Policy = {
      id: 'slow',
      propose: (_, signal) =>
        new Promise(() => {
          signal?.addEventListener('abort', () => {
            stopped = true;
          });
        }),
    };
    const [candidate] = await withTimeout(slow, 5).propose(ask(1, 4));
    expect(candidate).toMatchObject({ count: 4, failure: { kind: 'timeout' } });
    expect(stopped).toBe(true);
  });

  it('refuses a timeout that is none', () => {
    expect(() => withTimeout(tree.policy, 0)).toThrow('withTimeout: timeoutMs must be > 0, got 0');
  });
});

describe('withUsage', () => {
  it('counts HTTP requests, tokens, retries and failures, those of tries that came to nothing too', async () => {
    const server = await fakeServer({
      faults: ({ index }) =>
        index === 0 ? { kind: 'status', status: 503 } : index === 3 ? { kind: 'status', status: 400 } : undefined,
    });
    const ledger = createLedger();
    const bare = openaiPolicy({ url: server.url, model: 'toy', format: blankLineFormat });
    const policy = withUsage(withCache(withRetry(bare, { baseMs: 0 })), ledger);
    const answers = [
      await policy.propose(ask(1)),
      await policy.propose(ask(2)),
      await policy.propose(ask(1)),
      await policy.propose(ask(3)),
    ];
    await server.close();
    const drawn = [answers[0]!, answers[1]!].flat();
    expect(ledger).toEqual({
      calls: 4,
      candidates: 12,
      failures: { refused: 3 },
      requests: 4,
      promptTokens: expect.any(Number),
      completionTokens: drawn.reduce((total, { logps }) => total + logps!.length, 0),
      retries: 1,
      cacheHits: 1,
    });
    expect(ledger.promptTokens).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(ledger))).toEqual(ledger);
  });

  it('counts the tokens that log-probs show where nobody else does', async () => {
    const ledger = createLedger();
    await withUsage(tree.policy, ledger).propose(ask(1, 6));
    expect(ledger).toMatchObject({ calls: 1, candidates: 6, completionTokens: 6, requests: 0 });
  });
});

describe('batchRequests', () => {
  const batched = (): Policy & { sizes: number[] } => {
    const sizes: number[] = [];
    return {
      ...tree.policy,
      sizes,
      proposeMany: async (requests) => {
        sizes.push(requests.length);
        return tree.policy.proposeMany!(requests);
      },
    };
  };

  it('sends what is asked at once together, in batches of at most maxBatch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }), async (calls, maxBatch) => {
        const below = batched();
        const policy = batchRequests(below, { maxBatch });
        const requests = Array.from({ length: calls }, (_, seed) => ask(seed));
        const answers = await Promise.all(requests.map((request) => policy.propose(request)));
        expect(answers).toEqual(await tree.policy.proposeMany!(requests));
        expect(below.sizes.reduce((sum, size) => sum + size, 0)).toBe(calls);
        expect(below.sizes.length).toBe(Math.ceil(calls / maxBatch));
      }),
      { numRuns: 30 },
    );
  });

  it('cancels the batch only with its last member', async () => {
    let aborted = false;
    const slow: Policy = {
      id: 'slow',
      propose: () => new Promise(() => undefined),
      proposeMany: (requests, signal) =>
        new Promise((resolve) => {
          signal?.addEventListener('abort', () => {
            aborted = true;
          });
          setTimeout(() => resolve(tree.policy.proposeMany!(requests)), 20);
        }),
    };
    const policy = batchRequests(slow);
    const [one, two] = [new AbortController(), new AbortController()];
    const first = policy.propose(ask(1), one.signal);
    const second = policy.propose(ask(2), two.signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
    one.abort();
    expect((await first)[0]!.failure?.kind).toBe('cancelled');
    expect(aborted).toBe(false);
    expect(await second).toEqual(await tree.policy.propose(ask(2)));
    const third = policy.propose(ask(3), two.signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
    two.abort();
    expect((await third)[0]!.failure?.kind).toBe('cancelled');
    expect(aborted).toBe(true);
  });

  it('leaves a policy without proposeMany as it is, and refuses senseless limits', () => {
    const { proposeMany: _, ...single } = tree.policy;
    expect(batchRequests(single)).toBe(single);
    expect(() => batchRequests(tree.policy, { maxBatch: 0 })).toThrow('maxBatch must be a positive integer, got 0');
    expect(() => batchRequests(tree.policy, { waitMs: -1 })).toThrow('waitMs must be >= 0, got -1');
  });

  it('passes a defect of the program on to every member', async () => {
    const policy = batchRequests({ ...tree.policy, proposeMany: () => Promise.reject(new TypeError('x')) });
    const results = await Promise.allSettled([policy.propose(ask(1)), policy.propose(ask(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
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
  expect(scriptedPolicy({}).id).toBe('scripted');
});
