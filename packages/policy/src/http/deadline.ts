import { policyError } from './errors.ts';

/** When to stop waiting. */
export interface Deadline {
  /** The caller's own cancellation. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the work counts as timed out; `Infinity` waits for ever. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether work that heeds its signal may still have its say, for a turn of the event loop: what it had come to, and what
   * it had cost, would otherwise be lost. Default false.
   */
  readonly grace?: boolean | undefined;
}

/** setTimeout takes 31 bits; anything longer would fire at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * Runs `work` until it settles, the signal aborts or the time is up, whichever is first. The returned promise settles
 * then even if the work ignores its signal, so a caller never hangs on somebody else's promise.
 * Rejects with a PolicyError of kind `cancelled` or `timeout`, or with what the work rejected with.
 */
export function withinDeadline<T>(work: (signal: AbortSignal) => Promise<T>, deadline: Deadline): Promise<T> {
  const { signal, timeoutMs = Number.POSITIVE_INFINITY, grace = false } = deadline;
  if (signal?.aborted) return Promise.reject(policyError('cancelled', 'cancelled before it began'));
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const stop = (error: Error): void => {
      release();
      if (grace) setTimeout(() => reject(error), 0);
      else reject(error);
      controller.abort(error);
    };
    const onAbort = (): void => stop(policyError('cancelled', 'cancelled by the caller'));
    const timer =
      timeoutMs <= longestTimer
        ? setTimeout(() => stop(policyError('timeout', `no answer within ${timeoutMs} ms`)), timeoutMs)
        : undefined;
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    // A work that throws before it has begun is one that rejects.
    (async () => work(controller.signal))().then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}
