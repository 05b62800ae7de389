import { assertOptions, type Candidate, contentHash, type Policy, type ProposeRequest } from '@svo/mdp';
import { withinDeadline } from '../http/deadline.ts';
import { failureOf } from '../http/errors.ts';
import { failedCandidates } from './candidates.ts';
import { withReceipt } from './receipts.ts';
import { type ProposeBatch, settleOnCancel, wrapPolicy } from './wrap-policy.ts';

/** Where answers are kept: a `Map` will do, and so will anything asynchronous. */
export interface CacheStore {
  readonly get: (key: string) => readonly Candidate[] | undefined | Promise<readonly Candidate[] | undefined>;
  readonly set: (key: string, answer: readonly Candidate[]) => unknown;
}

/**
 * A store in memory that forgets what was used longest ago. Throws RangeError when `maxEntries` (100,000) is below 1.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@svo/policy';
 * const store = memoryStore({ maxEntries: 1 });
 * store.set('a', []);
 * store.set('b', []);
 * [store.get('a'), store.get('b')]; // => [undefined, []]
 * ```
 */
export function memoryStore(options: { readonly maxEntries?: number } = {}): CacheStore {
  assertOptions('memoryStore', options, ['maxEntries']);
  const { maxEntries = 100_000 } = options;
  if (!(maxEntries >= 1)) throw new RangeError(`memoryStore: maxEntries must be >= 1, got ${maxEntries}`);
  const entries = new Map<string, readonly Candidate[]>();
  return {
    get: (key) => {
      const answer = entries.get(key);
      if (answer === undefined) return undefined;
      entries.delete(key);
      entries.set(key, answer);
      return answer;
    },
    set: (key, answer) => {
      entries.delete(key);
      entries.set(key, answer);
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value!);
    },
  };
}

/**
 * Answers a request it has seen from the store. The key is the content hash of the policy's id and the whole request,
 * seed included: all a policy may depend on. Equal requests under way at one time share one call. Answers with a failure
 * in them are never kept.
 *
 * @example
 * ```ts
 * import { withCache } from '@svo/policy';
 * import { scriptedPolicy } from '@svo/policy/testing';
 * let calls = 0;
 * const counted = scriptedPolicy(() => [`call ${++calls}\n\n`]);
 * const policy = withCache(counted);
 * const request = { question: { id: 'q', prompt: '' }, state: { questionId: 'q', steps: [] }, count: 1, seed: 0 };
 * await policy.propose(request);
 * (await policy.propose(request))[0]!.text; // => 'call 1\n\n'
 * ```
 */
export function withCache(policy: Policy, store: CacheStore = memoryStore()): Policy {
  const flights = new Map<string, Promise<readonly Candidate[]>>();

  const cached = (draw: ProposeBatch): ProposeBatch => {
    const answerAll: ProposeBatch = async (requests, signal) => {
      const keys = requests.map((request) => requestKey(policy.id, request));
      const known = await Promise.all(keys.map((key) => store.get(key)));
      const fresh = keys.flatMap((key, at) => {
        const first = keys.indexOf(key) === at;
        return first && known[at] === undefined && !flights.has(key) ? [at] : [];
      });
      const launched =
        fresh.length === 0
          ? undefined
          : draw(
              fresh.map((at) => requests[at]!),
              signal,
            );
      fresh.forEach((at, place) => {
        const flight = launched!.then((answers) => keep(keys[at]!, answers[place]!));
        flights.set(keys[at]!, flight);
        const land = (): unknown => flights.delete(keys[at]!);
        flight.then(land, land);
      });
      return Promise.all(
        requests.map(async (request, at) => {
          const found = known[at];
          if (found !== undefined) return withReceipt(found, { cacheHits: 1 });
          if (fresh.includes(at)) return flights.get(keys[at]!)!;
          return join(keys[at]!, request, signal);
        }),
      );
    };

    const keep = async (key: string, answer: readonly Candidate[]): Promise<readonly Candidate[]> => {
      if (answer.every(({ failure }) => failure === undefined)) await store.set(key, answer);
      return answer;
    };

    /** Waits for somebody else's call; if that was cancelled or failed, it says nothing about ours: we ask ourselves. */
    const join = async (
      key: string,
      request: ProposeRequest,
      signal: AbortSignal | undefined,
    ): Promise<readonly Candidate[]> => {
      try {
        const answer = await withinDeadline(() => flights.get(key)!, { signal });
        if (answer.every(({ failure }) => failure?.kind !== 'cancelled')) return withReceipt(answer, { cacheHits: 1 });
      } catch (error) {
        return failedCandidates(request.count, failureOf(error));
      }
      return (await answerAll([request], signal))[0]!;
    };
    return answerAll;
  };
  return wrapPolicy(policy, (draw) => cached(settleOnCancel(draw)));
}

function requestKey(policyId: string, request: ProposeRequest): string {
  return contentHash({ policyId, request });
}
