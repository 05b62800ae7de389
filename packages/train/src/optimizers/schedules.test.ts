import { describe, expect, it } from 'vitest';
import { golden } from '../test-support/golden-optimizers.ts';
import { constant, cosine, linearSchedule, warmup } from './schedules.ts';

const at = (schedule: (step: number) => number, steps: number) =>
  Array.from({ length: steps }, (_, step) => schedule(step));
const largestGap = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe('schedules', () => {
  it("linear with warm-up is Hugging Face's", () => {
    expect(largestGap(golden.linearWarmup, at(warmup(5, linearSchedule({ from: 3e-4, steps: 20 })), 30))).toBeLessThan(
      1e-15,
    );
  });

  it("cosine with warm-up is Hugging Face's", () => {
    expect(largestGap(golden.cosineWarmup, at(warmup(5, cosine({ from: 3e-4, steps: 20 })), 26))).toBeLessThan(1e-15);
  });

  it('end where they are told to, and stay there', () => {
    expect([10, 11, 1000].map(linearSchedule({ from: 1, to: 0.25, steps: 10 }))).toEqual([0.25, 0.25, 0.25]);
    expect([10, 11, 1000].map(cosine({ from: 1, to: 0.25, steps: 10 }))).toEqual([0.25, 0.25, 0.25]);
    expect([0, 7, 1e6].map(constant(0.5))).toEqual([0.5, 0.5, 0.5]);
  });

  it.each([
    ['linearSchedule', () => linearSchedule({ from: 1, steps: 0 })],
    ['cosine', () => cosine({ from: 1, steps: 1.5 })],
    ['warmup', () => warmup(-1, constant(1))],
  ])('%s refuses steps that are no count', (name, make) => {
    expect(make).toThrow(`${name}: steps must be a whole number ≥ 1`);
  });
});
