/** The promises that depend on arithmetic, on every backend this machine can run, with its fused kernels. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installKernels } from '@svo/kernels';
import { tf, useBackend } from '@svo/tensor';
import { backendsHere } from '@svo/tensor/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, saveCheckpoint } from '../checkpoints/checkpoint.ts';
import { adamw } from '../optimizers/adamw.ts';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm.ts';
import { chain } from '../optimizers/optimizer.ts';
import { cosine, warmup } from '../optimizers/schedules.ts';
import { copyParams, disposeTensors } from '../params.ts';
import { initialTrainState } from '../step/initial-train-state.ts';
import { train } from '../step/train.ts';
import { trainStep } from '../step/train-step.ts';
import { distance, golden, replay } from '../test-support/golden-optimizers.ts';
import { bitsOf, type Rows, rowsBatch, squaredErrors, startWeights } from '../test-support/least-squares.ts';
import { totalSteps, trainingRun } from '../test-support/train-and-save.ts';
import type { Params, TrainState } from '../types.ts';

/** `pnpm fuzz` takes a thousand steps, on a software GPU too, and resumes there everywhere. */
const whole = process.env.SVO_EVERY_PLACE !== undefined;

for (const { name, reason } of await backendsHere(['cpu', 'wasm', 'tensorflow', 'webgpu']))
  describe.skipIf(reason !== undefined)(`on ${name}${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
    beforeAll(async () => {
      await useBackend(name);
      await installKernels();
    });

    it("adamw is torch's after 100 clipped and scheduled steps, within 1e-6", async () => {
      const optimizer = chain(
        clipByGlobalNorm(0.5),
        adamw({ learningRate: warmup(10, cosine({ from: 1e-2, steps: 90 })), weightDecay: 0.1 }),
      );
      await replay(optimizer, 100, async (step, params, state) => {
        const record = golden.adamwClipped[step];
        if (!record) return;
        const { first, second } = state.adamw as { first: Params; second: Params };
        expect(await distance(params, record.params)).toBeLessThan(1e-6);
        expect(await distance(first, record.exp_avg!)).toBeLessThan(1e-6);
        expect(await distance(second, record.exp_avg_sq!)).toBeLessThan(1e-6);
      });
    });

    it('a run resumed at any step ends with the bits of one that was not stopped', async () => {
      const dir = await mkdtemp(join(tmpdir(), 'svo-resume-'));
      const endOf = async (from?: TrainState, save = false) => {
        let last: TrainState | undefined;
        for await (const { state } of trainingRun(from)) {
          last = state;
          if (save) await saveCheckpoint(join(dir, String(state.step)), state);
        }
        return {
          ...(await bitsOf(last!.params)),
          ...Object.fromEntries(Object.entries(await bitsOf(last!.ema!)).map(([k, v]) => [`ema.${k}`, v])),
        };
      };
      const straight = await endOf(undefined, true);
      for (const step of name === 'webgpu' && !whole ? [5] : [1, 5, totalSteps - 1])
        expect(await endOf(await loadCheckpoint(join(dir, String(step)))), `resumed at step ${step}`).toEqual(straight);
    });

    it('updates in place never reach a copy', async () => {
      const optimizer = adamw({ learningRate: 0.1 });
      const params = startWeights();
      const reference = copyParams(params);
      const before = await bitsOf(params);
      const step = trainStep<Rows>(squaredErrors, optimizer);
      const { state } = await step(initialTrainState(params, optimizer), rowsBatch(1, 4));
      expect(await bitsOf(reference)).toEqual(before);
      expect(await bitsOf(state.params)).not.toEqual(before);
      disposeTensors([reference, state]);
    });

    // A tensor that a step leaves behind is seen the step after. A software GPU takes half a minute for 1,000.
    const watched = whole ? 1000 : name === 'webgpu' ? 20 : 200;
    it(`leaks no tensor and no memory over ${watched} steps`, async () => {
      const optimizer = chain(clipByGlobalNorm(0.1), adamw({ learningRate: 1e-3 }));
      const step = trainStep<Rows>(
        (params, batch) => ({ loss: squaredErrors(params, batch), half: tf.scalar(0.5) }),
        optimizer,
      );
      const seen: { numTensors: number; numBytes: number }[] = [];
      const batches = Array.from({ length: watched }, (_, i) => rowsBatch(i, 4));
      for await (const _ of train(initialTrainState(startWeights(), optimizer), batches, step)) {
        const { numTensors, numBytes } = tf.memory();
        seen.push({ numTensors, numBytes });
      }
      expect(seen).toHaveLength(watched);
      expect(new Set(seen.map(({ numTensors }) => numTensors)).size).toBe(1);
      expect(new Set(seen.map(({ numBytes }) => numBytes)).size).toBe(1);
    });
  });
