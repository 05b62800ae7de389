import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressSink } from './progress-sink.ts';

describe('progressSink', () => {
  it('writes plain lines when there is no terminal: first, every so many, last, with rate and time left', () => {
    const stream = new PassThrough();
    let clock = 0;
    const sink = progressSink({ total: 25, every: 10, metrics: ['loss', 'absent'], stream, now: () => clock });
    for (let step = 1; step <= 25; step++) {
      sink({ step, loss: 1 / step });
      clock += 500;
    }
    expect(stream.read().toString().split('\n')).toEqual([
      'step 1/25 (4%)  loss 1',
      'step 10/25 (40%)  2.00 steps/s  8s left  loss 0.1',
      'step 20/25 (80%)  2.00 steps/s  3s left  loss 0.05',
      'step 25/25 (100%)  2.00 steps/s  0s left  loss 0.04',
      '',
    ]);
  });

  it('counts rate and time left from where a resumed run began', () => {
    const stream = new PassThrough();
    let clock = 0;
    const sink = progressSink({ total: 8000, every: 100, stream, now: () => clock });
    sink({ step: 700, loss: 1 });
    clock = 100_000;
    sink({ step: 800, loss: 1 });
    expect(stream.read().toString()).toContain('step 800/8000 (10%)  1.00 steps/s  2h00m left  loss 1\n');
  });

  it('draws a bar on a terminal, and gives the line back when it is done or closed', () => {
    for (const steps of [3, 2]) {
      const stream = Object.assign(new PassThrough(), {
        isTTY: true,
        columns: 100,
        cursorTo: () => true,
        clearLine: () => true,
      });
      const sink = progressSink({ total: 3, stream });
      for (let step = 1; step <= steps; step++) sink({ step, loss: 0.5 });
      sink.close?.();
      const drawn = stream.read().toString();
      expect(drawn).toContain(`${steps}/3`);
      expect(drawn).toContain('steps/s');
      expect(drawn).toContain('loss 0.5');
      expect(drawn.endsWith('\n')).toBe(true);
    }
  });

  it('refuses what is no count', () => {
    expect(() => progressSink({ total: 0 })).toThrow('progressSink: total must be a whole number ≥ 1, got 0');
    expect(() => progressSink({ total: 1, every: -1 })).toThrow(
      'progressSink: every must be a whole number ≥ 1, got -1',
    );
  });
});
