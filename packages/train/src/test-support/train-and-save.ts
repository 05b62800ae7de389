/**
 * The run of resume.test.ts: clipped AdamW under a schedule, accumulated windows, an average of the weights. As a script
 * (`node train-and-save.ts dir until`) it goes on from the newest checkpoint in `dir`, in a process of its own.
 */
import { createRng, splitRng, uniform } from '@svo/mdp';
import { tf } from '@svo/tensor';
import { loadCheckpoint, saveCheckpoint } from '../checkpoints/checkpoint.ts';
import { adamw } from '../optimizers/adamw.ts';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm.ts';
import { chain } from '../optimizers/optimizer.ts';
import { cosine, warmup } from '../optimizers/schedules.ts';
import { stopAfter } from '../runs/stop-after.ts';
import { withEma } from '../runs/with-ema.ts';
import { accumulate } from '../step/accumulate.ts';
import { initialTrainState } from '../step/initial-train-state.ts';
import { train } from '../step/train.ts';
import { trainStep } from '../step/train-step.ts';
import type { Run, TrainState } from '../types.ts';
import { type Rows, rowsBatch, squaredErrors, startWeights } from './least-squares.ts';

export const totalSteps = 12;

/** The rest of the run after `from`, or all of it: the batches go on at the state's cursor. */
export function trainingRun(from?: TrainState, until: number = totalSteps): Run {
  const optimizer = chain(
    clipByGlobalNorm(0.5),
    adamw({ learningRate: warmup(3, cosine({ from: 0.05, steps: totalSteps })), weightDecay: 0.1 }),
  );
  const step = withEma(
    trainStep<Rows>(
      (params, batch, { step, normalizer }) => {
        // Randomness comes from a stream split by the step, so a resumed run draws what it would have drawn.
        const [noise] = uniform(splitRng(createRng(7), step));
        return tf.mul(tf.div(squaredErrors(params, batch), normalizer!), 1 + noise);
      },
      optimizer,
      {
        count: (batch) => batch.y.data.length,
      },
    ),
    { decay: 0.9 },
  );
  const first = (from?.cursor as Rows['cursor'] | undefined)?.next ?? 0;
  const batches = Array.from({ length: 2 * totalSteps - first }, (_, i) => rowsBatch(first + i, 2 + ((first + i) % 3)));
  return stopAfter(train(from ?? initialTrainState(startWeights(), optimizer), accumulate(batches, 2), step), until);
}

if (process.argv[1] === import.meta.filename) {
  const [, , dir, until] = process.argv;
  await tf.setBackend('cpu');
  const from = await loadCheckpoint(dir!).catch(() => undefined);
  let last: TrainState | undefined;
  for await (const { state } of trainingRun(from, Number(until))) last = state;
  await saveCheckpoint(dir!, last!);
}
