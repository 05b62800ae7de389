import {
  type Candidate,
  createRng,
  type Failure,
  type Policy,
  type ProposeRequest,
  splitRng,
  uniforms,
} from '@svo/mdp';
import { plantedTree } from '@svo/policy/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { countOf, failedCandidates } from './candidates.ts';
import { receiptOf } from './receipts.ts';
import { withRetry } from './with-retry.ts';

const tree = plantedTree({ seed: 1 });
const question = tree.question(0);
const ask = (count: number, seed = 3): ProposeRequest => ({
  question,
  state: { questionId: question.id, steps: [] },
  count,
  seed,
});
const failure = (kind: Failure['kind'], retryAfterMs?: number): Failure =>
  retryAfterMs === undefined ? { kind, message: 'planted' } : { kind, message: 'planted', retryAfterMs };

/** Loses each draw of the policy below with probability `rate`, another set at each call; records what it was asked. */
const lossy = (
  policy: Policy,
  rate: number,
  kind: Failure['kind'],
  seed: number,
): Policy & { asked: ProposeRequest[] } => {
  const asked: ProposeRequest[] = [];
  return {
    id: 'lossy',
    asked,
    propose: async (request) => {
      const draws = uniforms(splitRng(createRng(seed), asked.length), request.count);
      asked.push(request);
      return (await policy.propose(request)).flatMap((candidate, at) =>
        draws[at]! < rate ? failedCandidates(1, failure(kind)) : [candidate],
      );
    },
  };
};
const failedCount = (answer: readonly Candidate[]): number =>
  countOf(answer.filter(({ finish }) => finish === 'error'));

afterEach(() => void vi.useRealTimers());

describe('laws', () => {
  const anything = [
    fc.integer({ min: 1, max: 8 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(1000),
    fc.integer({ min: 1, max: 5 }),
  ] as const;

  it('conserves counts, whatever is lost', async () => {
    await fc.assert(
      fc.asyncProperty(...anything, async (count, rate, seed, attempts) => {
        const policy = withRetry(lossy(tree.policy, rate, 'server', seed), { baseMs: 0, attempts });
        expect(countOf(await policy.propose(ask(count)))).toBe(count);
      }),
    );
  });

  it('asks again for exactly what failed, never more than `attempts` times, and never twice with one seed for a part', async () => {
    await fc.assert(
      fc.asyncProperty(...anything, async (count, rate, seed, attempts) => {
        const below = lossy(tree.policy, rate, 'connection', seed);
        const answer = await withRetry(below, { baseMs: 0, attempts }).propose(ask(count));
        expect(below.asked.length).toBeLessThanOrEqual(attempts);
        expect(failedCount(answer) === 0 || below.asked.length === attempts).toBe(true);
        const parts = below.asked.filter((request) => request.count < count).map((request) => request.seed);
        expect(new Set(parts).size).toBe(parts.length);
        for (const request of below.asked) if (request.count === count) expect(request.seed).toBe(3);
        expect(receiptOf(answer).retries).toBe(below.asked.length - 1);
      }),
    );
  });

  it('gives after total failures what there would have been without them', async () => {
    let calls = 0;
    const flaky: Policy = {
      id: 'flaky',
      propose: (request) =>
        calls++ < 2
          ? Promise.resolve(failedCandidates(request.count, failure('timeout')))
          : tree.policy.propose(request),
    };
    expect(await withRetry(flaky, { baseMs: 0 }).propose(ask(5))).toEqual(await tree.policy.propose(ask(5)));
  });

  it('answers a batch as its members one by one', async () => {
    const policy = withRetry(tree.policy, { baseMs: 0 });
    const requests = [1, 2, 3].map((seed) => ask(4, seed));
    expect(await policy.proposeMany!(requests)).toEqual(
      await Promise.all(requests.map((request) => policy.propose(request))),
    );
  });
});

describe('which failures are tried again', () => {
  it.each(['timeout', 'rate-limit', 'server', 'connection', 'malformed'] as const)('%s is', async (kind) => {
    const below = lossy(tree.policy, 1, kind, 0);
    await withRetry(below, { baseMs: 0 }).propose(ask(1));
    expect(below.asked.length).toBe(4);
  });

  it.each(['refused', 'cancelled', 'too-large', 'unparsable'] as const)('%s is not', async (kind) => {
    const below = lossy(tree.policy, 1, kind, 0);
    const [candidate] = await withRetry(below, { baseMs: 0 }).propose(ask(2));
    expect(below.asked.length).toBe(1);
    expect(candidate!.failure?.kind).toBe(kind);
  });
});

describe('waiting', () => {
  const failing = (retryAfterMs?: number): Policy & { times: number[] } => {
    const times: number[] = [];
    return {
      id: 'failing',
      times,
      propose: async (request) => {
        times.push(Date.now());
        return failedCandidates(request.count, failure('rate-limit', retryAfterMs));
      },
    };
  };
  const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, at) => time - times[at]!);
  const run = async (policy: Policy): Promise<void> => {
    const answer = policy.propose(ask(1));
    await vi.runAllTimersAsync();
    await answer;
  };

  it('doubles the bound of each wait, jitters below it, and is the same for the same seed', async () => {
    vi.useFakeTimers();
    const waits = async (seed: number): Promise<number[]> => {
      const below = failing();
      await run(withRetry(below, { baseMs: 1000, maxMs: 3000, attempts: 5, seed }));
      return gaps(below.times);
    };
    const first = await waits(1);
    expect(first).toHaveLength(4);
    for (const [at, bound] of [1000, 2000, 3000, 3000].entries()) expect(first[at]!).toBeLessThanOrEqual(bound);
    expect(await waits(1)).toEqual(first);
    expect(await waits(2)).not.toEqual(first);
  });

  it('honours Retry-After, and gives up on one that is too long', async () => {
    vi.useFakeTimers();
    const patient = failing(5000);
    await run(withRetry(patient, { baseMs: 10, attempts: 3 }));
    expect(gaps(patient.times)).toEqual([5000, 5000]);
    const hopeless = failing(5000);
    await run(withRetry(hopeless, { baseMs: 10, attempts: 3, maxRetryAfterMs: 4999 }));
    expect(hopeless.times).toHaveLength(1);
  });

  it('of one member of a batch that is hopeless leaves the others their tries', async () => {
    const asked: string[] = [];
    const below: Policy = {
      id: 'below',
      propose: () => Promise.reject(new Error('unused')),
      proposeMany: async (requests) =>
        requests.map(({ question: { id }, count }) => {
          asked.push(id);
          return failedCandidates(count, failure('rate-limit', id === 'planted-1' ? 1e9 : 0));
        }),
    };
    const [one, two] = [tree.question(1), tree.question(2)].map((other) => ({
      ...ask(1),
      question: other,
      state: { questionId: other.id, steps: [] },
    }));
    await withRetry(below, { baseMs: 0, attempts: 3 }).proposeMany!([one!, two!]);
    expect(asked).toEqual(['planted-1', 'planted-2', 'planted-2', 'planted-2']);
  });

  it('is cut short by a cancellation, which keeps what was drawn', async () => {
    const controller = new AbortController();
    const below = lossy(tree.policy, 0.5, 'server', 1);
    const answer = withRetry(below, { baseMs: 1e6, maxMs: 1e9 }).propose(ask(8), controller.signal);
    setTimeout(() => controller.abort(), 5);
    const candidates = await answer;
    expect(countOf(candidates)).toBe(8);
    const kinds = candidates.filter((one) => one.failure !== undefined).map((one) => one.failure!.kind);
    expect(kinds).toEqual(['cancelled']);
    expect(failedCount(candidates)).toBeLessThan(8);
  });
});

it('passes defects of the program on', async () => {
  const defect: Policy = { id: 'defect', propose: () => Promise.reject(new TypeError('x is not a function')) };
  await expect(withRetry(defect).propose(ask(1))).rejects.toThrow(TypeError);
});

it.each([
  [{ attempts: 0 }, 'attempts'],
  [{ attempts: 1.5 }, 'attempts'],
  [{ baseMs: -1 }, 'baseMs'],
  [{ maxMs: Number.NaN }, 'maxMs'],
])('refuses %j', (options, field) => {
  expect(() => withRetry(tree.policy, options)).toThrow(new RegExp(`withRetry: ${field} must be`));
});
