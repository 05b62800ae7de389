import { scriptedPolicy } from '@svo/policy/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withRateLimit } from './with-rate-limit.ts';

const request = { question: { id: 'q', prompt: '' }, state: { questionId: 'q', steps: [] }, count: 1, seed: 0 };
const scripted = scriptedPolicy({ '': ['a\n\n'] });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const startTimes = async (calls: number, options: { perMinute: number; burst?: number }): Promise<number[]> => {
  const times: number[] = [];
  const begin = performance.now();
  const policy = withRateLimit(
    {
      id: 'clock',
      propose: (one) => {
        times.push(performance.now() - begin);
        return scripted.propose(one);
      },
    },
    options,
  );
  const all = Promise.all(Array.from({ length: calls }, () => policy.propose(request)));
  await vi.runAllTimersAsync();
  await all;
  return times;
};

it('spaces requests evenly', async () => {
  expect(await startTimes(4, { perMinute: 60 })).toEqual([0, 1000, 2000, 3000]);
});

it('lets a burst go early, and no more in the long run', async () => {
  expect(await startTimes(6, { perMinute: 60, burst: 3 })).toEqual([0, 0, 0, 1000, 2000, 3000]);
});

it('counts a batch by its members', async () => {
  const policy = withRateLimit(scripted, { perMinute: 60 });
  let done = false;
  await policy.proposeMany!([request, request, request]);
  const next = policy.propose(request).then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(2999);
  expect(done).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await next;
  expect(done).toBe(true);
});

it('refuses rates that are none', () => {
  expect(() => withRateLimit(scripted, { perMinute: 0 })).toThrow('perMinute must be > 0, got 0');
  expect(() => withRateLimit(scripted, { perMinute: 1, burst: 0 })).toThrow('burst must be >= 1, got 0');
});
