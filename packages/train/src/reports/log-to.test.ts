import { describe, expect, it } from 'vitest';
import { collect } from '../test-support/collect.ts';
import { descent } from '../test-support/descent.ts';
import { logTo } from './log-to.ts';

const recorder = () => {
  const steps: number[] = [];
  let closed = 0;
  const sink = Object.assign(({ step }: { step: number }) => void steps.push(step), { close: () => void closed++ });
  return { sink, steps, closed: () => closed };
};

describe('logTo', () => {
  it('sends every report to every sink, and closes them once', async () => {
    const [a, b] = [recorder(), recorder()];
    await collect(logTo(descent([1, 1]), a.sink, b.sink));
    expect([a.steps, b.steps, a.closed(), b.closed()]).toEqual([[1, 2], [1, 2], 1, 1]);
  });

  it('closes them also when the run fails or the caller leaves', async () => {
    const [failed, left] = [recorder(), recorder()];
    await expect(collect(logTo(descent([1, Number.NaN]), failed.sink))).rejects.toThrow('diverged');
    for await (const _ of logTo(descent([1, 1]), left.sink)) break;
    expect([failed.steps, failed.closed(), left.steps, left.closed()]).toEqual([[1], 1, [1], 1]);
  });

  it('closes all of them, whatever one throws, and tells of it unless the run has failed', async () => {
    const full = () => {
      throw new Error('disk full');
    };
    const [after, other] = [recorder(), recorder()];
    const failing = () => Object.assign(() => {}, { close: full });
    await expect(collect(logTo(descent([1]), failing(), after.sink))).rejects.toThrow('disk full');
    await expect(collect(logTo(descent([Number.NaN]), failing(), other.sink))).rejects.toThrow('diverged');
    expect([after.closed(), other.closed()]).toEqual([1, 1]);
  });
});
