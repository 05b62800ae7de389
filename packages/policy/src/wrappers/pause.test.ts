import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pause } from './pause.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('lasts as long as asked', async () => {
  let done = false;
  const waiting = pause(1000).then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(999);
  expect(done).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(done).toBe(true);
});

it('ends with an abort, leaves no timer, and does not begin after one', async () => {
  const controller = new AbortController();
  const waiting = pause(1e6, controller.signal);
  controller.abort();
  await waiting;
  expect(vi.getTimerCount()).toBe(0);
  await pause(1e6, controller.signal);
  await pause(0);
});
