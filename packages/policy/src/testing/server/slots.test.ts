import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSlots } from './slots.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const forever = new AbortController().signal;

it('runs as many as it has slots, and knows exactly how busy they were', async () => {
  const slots = createSlots(2);
  const done: number[] = [];
  [100, 300, 100].forEach((ms, at) => void slots.hold(ms, forever).then(() => done.push(at)));
  await vi.advanceTimersByTimeAsync(99);
  expect(done).toEqual([]);
  await vi.runAllTimersAsync();
  expect(done).toEqual([0, 2, 1]);
  // Slot 1 held 100 + 100 ms, slot 2 300 ms: 500 of 600.
  expect(slots.use()).toMatchObject({ slots: 2, sequences: 3, peak: 2 });
  expect(slots.use().busy).toBeCloseTo(500 / 600, 6);
});

it('is fully busy while there is always something to do, and never holds more than it has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }), async (count, rounds) => {
      const slots = createSlots(count);
      const all = Array.from({ length: count * rounds }, () => slots.hold(50, forever));
      await vi.runAllTimersAsync();
      await Promise.all(all);
      expect(slots.use().peak).toBe(count);
      expect(slots.use().busy).toBeCloseTo(1, 6);
    }),
  );
});

it('takes a slot back from who hangs up, running or waiting', async () => {
  const slots = createSlots(1);
  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = slots.hold(1e6, running.signal);
  const second = slots.hold(1e6, waiting.signal);
  const third = slots.hold(10, forever);
  waiting.abort();
  await second;
  running.abort();
  await first;
  await vi.advanceTimersByTimeAsync(10);
  await third;
  expect(slots.use().sequences).toBe(2);
  await slots.hold(5, AbortSignal.abort());
  expect(slots.use().sequences).toBe(2);
});
