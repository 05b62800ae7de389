import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tensorboardSink } from './tensorboard-sink.ts';

/** A Python that has TensorBoard: `SVO_PYTHON`, or the first `python3` there is. */
const python = process.env.SVO_PYTHON ?? 'python3';
const hasTensorboard = (() => {
  try {
    execFileSync(python, ['-c', 'import tensorboard'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const reader = `
import json, sys, types
# TensorBoard reads event files with code of its own when it is told that there is no TensorFlow: much faster to start.
sys.modules['tensorboard.compat.notf'] = types.ModuleType('notf')
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1]); events.Reload()
print(json.dumps({tag: [[e.step, e.value, e.wall_time] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}))
`;

describe('tensorboardSink', () => {
  it('opens a file of its own each time', () => {
    const dir = mkdtempSync(join(tmpdir(), 'svo-tb-'));
    tensorboardSink(dir, { now: () => 1.25 });
    tensorboardSink(dir, { now: () => 2.5 });
    expect(readdirSync(dir).every((name) => /^events\.out\.tfevents\.[12]\./.test(name))).toBe(true);
    expect(readdirSync(dir)).toHaveLength(2);
    expect(existsSync(dir)).toBe(true);
  });

  it.skipIf(!hasTensorboard)(
    `is read by the real TensorBoard${hasTensorboard ? '' : ' (skipped: no Python with tensorboard; set SVO_PYTHON)'}`,
    () => {
      const dir = mkdtempSync(join(tmpdir(), 'svo-tb-'));
      let clock = 1_700_000_000;
      const sink = tensorboardSink(dir, { now: () => clock++ });
      const steps = [1, 127, 128, 300, 20_000_000, 2 ** 40];
      for (const step of steps) sink({ step, loss: 1 / step, 'rewards/margins': -step });
      const read = JSON.parse(
        execFileSync(python, ['-c', reader, dir], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
      expect(read.loss).toEqual(steps.map((step, i) => [step, Math.fround(1 / step), 1_700_000_001 + i]));
      expect(read['rewards/margins'].map((event: number[]) => event[1])).toEqual(
        steps.map((step) => Math.fround(-step)),
      );
    },
  );
});
