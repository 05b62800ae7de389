import { assertOptions, type Policy } from '@svo/mdp';
import { failedCandidates } from './candidates.ts';
import { pause } from './pause.ts';
import { settleOnCancel, wrapPolicy } from './wrap-policy.ts';

/** Options of `withRateLimit`. */
export interface RateLimitOptions {
  /** Requests a minute in the long run. */
  readonly perMinute: number;
  /** Requests that may go at once after a rest. Default 1. */
  readonly burst?: number;
}

/**
 * Keeps below a server's rate limit, instead of running into its 429s: the generic cell rate algorithm (ITU-T I.371),
 * which spaces requests 60,000 / perMinute milliseconds apart and lets `burst` of them go early. A batch of k counts
 * as k. A call that is cancelled while it waits keeps its place in the schedule.
 *
 * Throws RangeError for options that are not positive.
 *
 * @example
 * ```ts
 * import { withRateLimit } from '@svo/policy';
 * import { scriptedPolicy } from '@svo/policy/testing';
 * const policy = withRateLimit(scriptedPolicy({ '': ['a\n\n'] }), { perMinute: 60_000, burst: 2 });
 * const request = { question: { id: 'q', prompt: '' }, state: { questionId: 'q', steps: [] }, count: 1, seed: 0 };
 * (await Promise.all([1, 2, 3].map(() => policy.propose(request)))).length; // => 3
 * ```
 */
export function withRateLimit(policy: Policy, options: RateLimitOptions): Policy {
  assertOptions('withRateLimit', options, ['perMinute', 'burst']);
  const { perMinute, burst = 1 } = options;
  if (!(perMinute > 0)) throw new RangeError(`withRateLimit: perMinute must be > 0, got ${perMinute}`);
  if (!(burst >= 1)) throw new RangeError(`withRateLimit: burst must be >= 1, got ${burst}`);
  const spacing = 60_000 / perMinute;
  let scheduled = Number.NEGATIVE_INFINITY;

  /** Takes the next place in the schedule and returns the wait until it. */
  const reserve = (requests: number): number => {
    const now = performance.now();
    const start = Math.max(now, scheduled);
    scheduled = start + requests * spacing;
    return Math.max(0, start - now - (burst - 1) * spacing);
  };

  return wrapPolicy(policy, (below) => {
    const draw = settleOnCancel(below);
    return async (requests, signal) => {
      if (!signal?.aborted) await pause(reserve(requests.length), signal);
      if (!signal?.aborted) return draw(requests, signal);
      const failure = {
        kind: 'cancelled',
        message: 'cancelled by the caller while waiting for the rate limit',
      } as const;
      return requests.map(({ count }) => failedCandidates(count, failure));
    };
  });
}
