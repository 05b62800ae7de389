import { describe, expect, it, vi } from 'vitest';
import { withinDeadline } from './deadline.ts';
import { PolicyError } from './errors.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const kindOf = (thrown: unknown): string => (PolicyError.isInstance(thrown) ? thrown.failure.kind : String(thrown));

describe('withinDeadline', () => {
  it('passes results and errors through', async () => {
    expect(await withinDeadline(async () => 5, {})).toBe(5);
    await expect(withinDeadline(async () => Promise.reject(new TypeError('x')), {})).rejects.toThrow(TypeError);
  });

  it('settles when the time is up, though the work ignores its signal', async () => {
    vi.useFakeTimers();
    let aborted = false;
    const result = withinDeadline(
      (signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return never();
      },
      { timeoutMs: 1000 },
    ).catch(kindOf);
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    expect(await result).toBe('timeout');
    expect(aborted).toBe(true);
  });

  it('settles when the caller cancels, before or after the start', async () => {
    const controller = new AbortController();
    const result = withinDeadline(never, { signal: controller.signal }).catch(kindOf);
    controller.abort();
    expect(await result).toBe('cancelled');
    let started = false;
    const late = withinDeadline(
      async () => {
        started = true;
      },
      { signal: controller.signal },
    ).catch(kindOf);
    expect(await late).toBe('cancelled');
    expect(started).toBe(false);
  });

  it('leaves no listener behind on a signal that lives long', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    for (let call = 0; call < 10; call++) await withinDeadline(async () => call, { signal, timeoutMs: 50 });
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  });

  it('takes a timeout beyond 31 bits for no timeout, not for none at all', async () => {
    expect(
      await withinDeadline(() => new Promise((resolve) => setTimeout(() => resolve(1), 5)), { timeoutMs: 1e12 }),
    ).toBe(1);
  });
});
