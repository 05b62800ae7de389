import { assertCounts, type Policy } from '@svo/mdp';
import { failedCandidates } from './candidates.ts';
import { settleOnCancel, wrapPolicy } from './wrap-policy.ts';

/**
 * At most `limit` calls under way at a time; the others wait their turn, first come, first served. A call that is
 * cancelled while it waits leaves the queue; one that is cancelled while it runs settles at once, and keeps its place
 * until the policy below has let go of it. `propose` and `proposeMany` share the limit, each call counting as one.
 *
 * Throws RangeError when `limit` is not a positive integer.
 *
 * @example
 * ```ts
 * import type { Policy } from '@svo/mdp';
 * import { withConcurrency } from '@svo/policy';
 * import { scriptedPolicy } from '@svo/policy/testing';
 * let [now, most] = [0, 0];
 * const slow: Policy = { id: 'slow', propose: async (request) => {
 *   most = Math.max(most, ++now);
 *   await new Promise((resolve) => setTimeout(resolve, 2));
 *   now--;
 *   return scriptedPolicy({ '': ['a\n\n'] }).propose(request);
 * } };
 * const policy = withConcurrency(slow, 2);
 * const ask = (id: string) => policy.propose({ question: { id, prompt: '' }, state: { questionId: id, steps: [] }, count: 1, seed: 0 });
 * await Promise.all(['a', 'b', 'c', 'd', 'e'].map(ask));
 * most; // => 2
 * ```
 */
export function withConcurrency(policy: Policy, limit: number): Policy {
  assertCounts('withConcurrency', { limit });
  const queue = new Set<() => void>();
  let free = limit;

  /** True once a place is taken, false when the signal aborted first. */
  const enter = (signal: AbortSignal | undefined): Promise<boolean> => {
    if (signal?.aborted) return Promise.resolve(false);
    if (free > 0) {
      free--;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const turn = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = (): void => {
        queue.delete(turn);
        resolve(false);
      };
      queue.add(turn);
      signal?.addEventListener('abort', leave, { once: true });
    });
  };
  /** Hands the place to the longest-waiting call, so that `free` can't be grabbed in between. */
  const exit = (): void => {
    const [turn] = queue;
    if (turn === undefined) free++;
    else {
      queue.delete(turn);
      turn();
    }
  };

  return wrapPolicy(policy, (draw) =>
    settleOnCancel(async (requests, signal) => {
      if (!(await enter(signal))) {
        const failure = { kind: 'cancelled', message: 'cancelled by the caller while waiting for its turn' } as const;
        return requests.map(({ count }) => failedCandidates(count, failure));
      }
      try {
        return await draw(requests, signal);
      } finally {
        exit();
      }
    }),
  );
}
