import { assertCounts, assertOptions, type Candidate, type Policy, type ProposeRequest } from '@svo/mdp';
import { withinDeadline } from '../http/deadline.ts';
import { failureOf } from '../http/errors.ts';
import { failedCandidates } from './candidates.ts';
import { settleOnCancel, wrapPolicy } from './wrap-policy.ts';

/** Options of `batchRequests`. */
export interface BatchOptions {
  /** Most requests in one call. Default 256. */
  readonly maxBatch?: number;
  /** Milliseconds to wait for company. Default 0: whatever is asked before the event loop turns goes together. */
  readonly waitMs?: number;
}

interface Waiting {
  readonly request: ProposeRequest;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (candidates: readonly Candidate[]) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Coalesces concurrent `propose` calls into `proposeMany`, for policies that answer a batch faster than its members:
 * a local model above all. A member that is cancelled settles at once; the batch itself is cancelled with its last member.
 * Without `proposeMany` below, the policy comes back as it was.
 *
 * @example
 * ```ts
 * import type { Policy } from '@svo/mdp';
 * import { batchRequests } from '@svo/policy';
 * import { scriptedPolicy } from '@svo/policy/testing';
 * const scripted = scriptedPolicy({ '': ['2 + 3 = 5\n\n'] });
 * const sizes: number[] = [];
 * const counted: Policy = { ...scripted, proposeMany: (requests) => {
 *   sizes.push(requests.length);
 *   return Promise.all(requests.map((request) => scripted.propose(request)));
 * } };
 * const policy = batchRequests(counted);
 * const ask = (id: string) => policy.propose({ question: { id, prompt: '' }, state: { questionId: id, steps: [] }, count: 1, seed: 1 });
 * await Promise.all([ask('a'), ask('b'), ask('c')]);
 * sizes; // => [3]
 * ```
 */
export function batchRequests(policy: Policy, options: BatchOptions = {}): Policy {
  assertOptions('batchRequests', options, ['maxBatch', 'waitMs']);
  const { maxBatch = 256, waitMs = 0 } = options;
  assertCounts('batchRequests', { maxBatch });
  if (!(waitMs >= 0)) throw new RangeError(`batchRequests: waitMs must be >= 0, got ${waitMs}`);
  const whole = wrapPolicy(policy, settleOnCancel);
  const { proposeMany } = whole;
  if (proposeMany === undefined) return policy;
  let waiting: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const members = waiting;
    waiting = [];
    for (let start = 0; start < members.length; start += maxBatch) {
      void runBatch(proposeMany, members.slice(start, start + maxBatch));
    }
  };

  return {
    ...whole,
    propose: (request, signal) =>
      withinDeadline(
        () =>
          new Promise<readonly Candidate[]>((resolve, reject) => {
            waiting.push({ request, signal, resolve, reject });
            if (waiting.length >= maxBatch) flush();
            else timer ??= setTimeout(flush, waitMs);
          }),
        { signal },
      ).catch((error: unknown) => failedCandidates(request.count, failureOf(error))),
  };
}

async function runBatch(proposeMany: NonNullable<Policy['proposeMany']>, members: readonly Waiting[]): Promise<void> {
  const live = members.filter(({ signal }) => !signal?.aborted);
  if (live.length === 0) return;
  const all = new AbortController();
  const onAbort = (): void => {
    if (live.every(({ signal }) => signal?.aborted)) all.abort();
  };
  for (const { signal } of live) signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const requests = live.map(({ request }) => request);
    const answers = await proposeMany(requests, all.signal);
    for (const [index, { resolve }] of live.entries()) resolve(answers[index]!);
  } catch (error) {
    for (const { reject } of live) reject(error);
  } finally {
    for (const { signal } of live) signal?.removeEventListener('abort', onAbort);
  }
}
