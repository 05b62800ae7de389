import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../checkpoints/checkpoint.ts';
import { bitsOf } from '../test-support/least-squares.ts';
import { totalSteps, trainingRun } from '../test-support/train-and-save.ts';
import type { Params, Slots, TrainState } from '../types.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../test-support/train-and-save.ts', import.meta.url));

/** Weights, both moments and the average, bit by bit, and the numbers beside them. */
const fingerprint = async (state: TrainState) => {
  const { counts, first, second } = state.optimizer.adamw as Slots;
  return {
    params: await bitsOf(state.params),
    ema: await bitsOf(state.ema!),
    first: await bitsOf(first as Params),
    second: await bitsOf(second as Params),
    numbers: { counts, step: state.step, tokens: state.tokens, cursor: state.cursor },
  };
};

describe('a run that was stopped and resumed ends with the very bits of one that was not', () => {
  let dir = '';
  let straight: Awaited<ReturnType<typeof fingerprint>>;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'svo-resume-'));
    let last: TrainState | undefined;
    for await (const { state } of trainingRun()) {
      last = state;
      await saveCheckpoint(join(dir, String(state.step)), state);
    }
    straight = await fingerprint(last!);
    expect(last!.step).toBe(totalSteps);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('at every step', async () => {
    for (let step = 1; step < totalSteps; step++) {
      let last: TrainState | undefined;
      for await (const { state } of trainingRun(await loadCheckpoint(join(dir, String(step))))) last = state;
      expect(await fingerprint(last!), `resumed at step ${step}`).toEqual(straight);
    }
  });

  it('across processes', async () => {
    const child = join(dir, 'child');
    for (const until of [4, 5, totalSteps])
      await run(process.execPath, ['--conditions=@svo/source', script, child, String(until)]);
    expect(await fingerprint(await loadCheckpoint(child))).toEqual(straight);
  });
});
