import type { Candidate, Failure, Policy } from '@svo/mdp';
import { withinDeadline } from '../http/deadline.ts';
import { failureOf } from '../http/errors.ts';
import { failedCandidates } from './candidates.ts';
import { receiptOf, withReceipt } from './receipts.ts';
import { wrapPolicy } from './wrap-policy.ts';

/**
 * Ends every call after `timeoutMs` milliseconds with failures of kind `timeout`, even if the policy below ignores its
 * signal, and at once when the caller cancels. What it had drawn by then is kept. Around `withRetry` it bounds all tries together; below it, each.
 *
 * Throws RangeError when `timeoutMs` is not positive.
 *
 * @example
 * ```ts
 * import type { Policy } from '@svo/mdp';
 * import { withTimeout } from '@svo/policy';
 * const never: Policy = { id: 'never', propose: () => new Promise(() => {}) };
 * const policy = withTimeout(never, 5);
 * const request = { question: { id: 'q', prompt: '' }, state: { questionId: 'q', steps: [] }, count: 2, seed: 0 };
 * const [candidate] = await policy.propose(request);
 * [candidate!.failure?.kind, candidate!.count]; // => ['timeout', 2]
 * ```
 */
export function withTimeout(policy: Policy, timeoutMs: number): Policy {
  if (!(timeoutMs > 0)) throw new RangeError(`withTimeout: timeoutMs must be > 0, got ${timeoutMs}`);
  const late: Failure = { kind: 'timeout', message: `no answer within ${timeoutMs} ms` };
  return wrapPolicy(policy, (draw) => async (requests, signal) => {
    let isLate = false;
    const work = (inner: AbortSignal): ReturnType<typeof draw> => {
      inner.addEventListener('abort', () => {
        isLate = !signal?.aborted;
      });
      return draw(requests, inner);
    };
    try {
      const answers = await withinDeadline(work, { signal, timeoutMs, grace: true });
      return isLate ? answers.map((answer) => renamed(answer, late)) : answers;
    } catch (error) {
      const failure = failureOf(error);
      return requests.map(({ count }) => failedCandidates(count, failure));
    }
  });
}

/** To what is below, the end of its time is a cancellation. */
const renamed = (answer: readonly Candidate[], failure: Failure): readonly Candidate[] =>
  withReceipt(
    answer.map((candidate) => (candidate.failure?.kind === 'cancelled' ? { ...candidate, failure } : candidate)),
    receiptOf(answer),
  );
