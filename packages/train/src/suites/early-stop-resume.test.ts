import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tf } from '@svo/tensor';
import { expect, it } from 'vitest';
import { loadCheckpoint } from '../checkpoints/checkpoint.ts';
import { disposeTensors } from '../params.ts';
import { stoppingRun } from '../test-support/stop-early.ts';
import type { StepResult, TrainState } from '../types.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../test-support/stop-early.ts');

const finish = async (dir: string, from?: TrainState) => {
  let last: StepResult | undefined;
  const log = ({ step }: { step: number }): void => appendFileSync(`${dir}/steps`, `${step}\n`);
  for await (const result of stoppingRun(dir, from, log)) last = result;
  const { state, report } = last!;
  const end = { report, w: state.params.w!.dataSync()[0], best: state.earlyStop!.params.w!.dataSync()[0] };
  const { 'memory/tensors': _, ...rest } = end.report;
  const steps = readFileSync(`${dir}/steps`, 'utf8').trim().split('\n').map(Number);
  disposeTensors(state);
  return { ...end, report: rest, steps };
};

it('a run that is killed and resumed stops where it would have stopped, with the same weights, and no sink sees an older step', async () => {
  const whole = await finish(mkdtempSync(join(tmpdir(), 'svo-stop-')));
  expect(whole.report).toMatchObject({ step: 6, 'early_stop/stopped_at': 6, 'early_stop/best_step': 2 });
  expect(whole.w).toBe(whole.best);
  expect(whole.steps).toEqual([1, 2, 3, 4, 5, 6, 6]);
  const tensors = tf.memory().numTensors;
  for (const killAfter of [1, 2, 4, 5]) {
    const dir = mkdtempSync(join(tmpdir(), 'svo-stop-'));
    const killed = run(process.execPath, ['--conditions=@svo/source', script, dir, String(killAfter)]);
    await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(await finish(dir, await loadCheckpoint(dir))).toEqual(whole);
    expect(tf.memory().numTensors).toBe(tensors);
  }
});
