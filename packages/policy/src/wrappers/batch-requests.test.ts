import type { Policy, ProposeRequest } from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchRequests } from './batch-requests.ts';

const tree = plantedTree({ seed: 5, branching: 3, depth: 3 });
const ask = (seed: number, count = 3): ProposeRequest => {
  const question = tree.question(seed % 4);
  return { question, state: { questionId: question.id, steps: [] }, count, seed };
};

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
