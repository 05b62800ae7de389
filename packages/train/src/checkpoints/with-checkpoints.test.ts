import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stopAfter } from '../runs/stop-after.ts';
import { collect } from '../test-support/collect.ts';
import { descent } from '../test-support/descent.ts';
import type { StepResult } from '../types.ts';
import { checkpointReport, loadCheckpoint } from './checkpoint.ts';
import { withCheckpoints } from './with-checkpoints.ts';

describe('withCheckpoints', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'svo-checkpoints-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const saved = async () => (await readdir(dir)).sort().map((name) => Number(name.slice(5)));

  it('saves every so many steps and at the end, once', async () => {
    await collect(withCheckpoints(descent([1, 1, 1, 1, 1]), { dir, every: 2 }));
    expect(await saved()).toEqual([2, 4, 5]);
    await collect(withCheckpoints(descent([1, 1, 1, 1]), { dir: join(dir, 'even'), every: 2 }));
    expect(await readdir(join(dir, 'even'))).toEqual(['step-00000002', 'step-00000004']);
  });

  it('keeps the newest so many', async () => {
    await collect(withCheckpoints(descent(Array(5).fill(1)), { dir, every: 1, keep: 2 }));
    expect(await saved()).toEqual([4, 5]);
  });

  it('saves where the caller breaks out, or a wrapper does', async () => {
    for await (const { state } of withCheckpoints(descent([1, 1, 1]), { dir, every: 10 })) if (state.step === 2) break;
    await collect(stopAfter(withCheckpoints(descent([1, 1, 1, 1]), { dir, every: 10 }), 3));
    expect(await saved()).toEqual([2, 3]);
  });

  it('saves the state from before a step that diverged, and says where, with step and rows', async () => {
    const run = withCheckpoints(descent([1, 1, Number.NaN]), { dir, every: 10 });
    const error = await collect(run).catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({
      name: 'DivergenceError',
      step: 2,
      batchIds: ['2'],
      checkpoint: join(dir, 'step-00000002'),
    });
    expect((error as Error).message).toContain(`It is saved in ${join(dir, 'step-00000002')}.`);
    const { step, params } = await loadCheckpoint(dir);
    expect([step, params.w!.dataSync()[0]]).toEqual([2, 0.25]);
  });

  it('keeps the best apart, across runs', async () => {
    const best = join(dir, 'best');
    const scored = async function* (losses: readonly (number | undefined)[]): AsyncGenerator<StepResult> {
      for await (const { state, report } of descent(losses.map(() => 1))) {
        const loss = losses[report.step - 1];
        yield { state, report: loss === undefined ? report : { ...report, eval_loss: loss } };
      }
    };
    const run = (losses: readonly (number | undefined)[], better?: 'higher') =>
      collect(
        withCheckpoints(scored(losses), { dir, every: 10, best: { metric: 'eval_loss', ...(better && { better }) } }),
      );
    await run([3, undefined, 1, 2]);
    expect(await readdir(best)).toEqual(['step-00000003']);
    expect((await loadCheckpoint(best)).params.w!.dataSync()[0]).toBe(1 / 8);
    await run([1, 4]);
    expect((await loadCheckpoint(best)).step).toBe(3);
    await run([0.5, 4]);
    expect(await checkpointReport(best)).toMatchObject({ step: 1, eval_loss: 0.5 });
    await run([0.4, 4], 'higher');
    expect(await checkpointReport(best)).toMatchObject({ step: 2, eval_loss: 4 });
    expect((await loadCheckpoint(dir)).step).toBe(4);
  });

  it('lets other errors through untouched, and saves nothing for them', async () => {
    const failing = async function* () {
      yield* descent([1]);
      throw new TypeError('no such file');
    };
    await expect(collect(withCheckpoints(failing(), { dir, every: 10 }))).rejects.toThrow(
      new TypeError('no such file'),
    );
    expect(await saved()).toEqual([]);
  });
});
