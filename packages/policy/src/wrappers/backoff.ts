import { assertOptions, type Failure } from '@svo/mdp';

/** How often and how long to try again. */
export interface RetryOptions {
  /** Calls in all, the first included. Default 4. */
  readonly attempts?: number;
  /** Upper end of the first wait, in milliseconds; each further one is twice as long. Default 250. */
  readonly baseMs?: number;
  /** Upper end of any wait. Default 20,000. */
  readonly maxMs?: number;
  /** A server that asks for a longer wait than this is not asked again. Default 120,000. */
  readonly maxRetryAfterMs?: number;
  /** Seed of the jitter. Default 0. */
  readonly seed?: number;
}

/** The options with their defaults filled in, checked. */
export function retrySettings(name: string, options: RetryOptions): Required<RetryOptions> {
  const defaults = { attempts: 4, baseMs: 250, maxMs: 20_000, maxRetryAfterMs: 120_000, seed: 0 };
  assertOptions(name, options, Object.keys(defaults));
  const settings = { ...defaults, ...options };
  if (!(Number.isInteger(settings.attempts) && settings.attempts >= 1)) {
    throw new RangeError(`${name}: attempts must be an integer >= 1, got ${settings.attempts}`);
  }
  for (const field of ['baseMs', 'maxMs', 'maxRetryAfterMs'] as const) {
    if (!(settings[field] >= 0)) throw new RangeError(`${name}: ${field} must be >= 0, got ${settings[field]}`);
  }
  return settings;
}

/** Failures that another try may mend. A refusal, an oversized reply or a cancellation would only repeat itself. */
export function isRetryable(failure: Failure | undefined): boolean {
  switch (failure?.kind) {
    case 'timeout':
    case 'rate-limit':
    case 'server':
    case 'connection':
    case 'malformed':
      return true;
    default:
      return false;
  }
}

/**
 * How long to wait before try `attempt + 1`, in milliseconds: u · min(maxMs, baseMs · 2^attempt) for u in [0, 1), the
 * "full jitter" of Brooker (AWS Architecture Blog, 2015), but never less than the server asked for. Undefined when it
 * asked for more than `maxRetryAfterMs`.
 *
 * @example
 * ```ts
 * import { backoffMs } from '@svo/policy';
 * const options = { attempts: 4, baseMs: 100, maxMs: 1000, maxRetryAfterMs: 5000, seed: 0 };
 * [0, 1, 2, 3, 4].map((attempt) => backoffMs(attempt, 0.5, undefined, options)); // => [50, 100, 200, 400, 500]
 * backoffMs(0, 0.5, 2000, options); // => 2000
 * backoffMs(0, 0.5, 9000, options); // => undefined
 * ```
 */
export function backoffMs(
  attempt: number,
  u: number,
  retryAfterMs: number | undefined,
  settings: Required<RetryOptions>,
): number | undefined {
  const jittered = u * Math.min(settings.maxMs, settings.baseMs * 2 ** attempt);
  if (retryAfterMs === undefined) return jittered;
  return retryAfterMs > settings.maxRetryAfterMs ? undefined : Math.max(retryAfterMs, jittered);
}
