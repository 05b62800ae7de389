/**
 * The run of early-stop-resume.test.ts: eight steps whose evaluation is best at the second. As a script
 * (`node stop-early.ts dir killAfter`) it goes on from the newest checkpoint in `dir`, and kills itself as by `kill -9` once the
 * checkpoint of step `killAfter` is written.
 */
import { appendFileSync } from 'node:fs';
import { tf } from '@svo/tensor';
import { loadCheckpoint } from '../checkpoints/checkpoint.ts';
import { withCheckpoints } from '../checkpoints/with-checkpoints.ts';
import { adamw } from '../optimizers/adamw.ts';
import { logTo } from '../reports/log-to.ts';
import { withEarlyStop } from '../runs/with-early-stop.ts';
import { withEvaluation } from '../runs/with-evaluation.ts';
import { initialTrainState } from '../step/initial-train-state.ts';
import { train } from '../step/train.ts';
import { trainStep } from '../step/train-step.ts';
import type { Report, Run, TrainState } from '../types.ts';

/** What the evaluation says after each step. */
const evaluations = [5, 1, 2, 4, 3, 6, 0, 0];

/** The rest of the run after `from`, or all of it: patience ends it at the sixth step, before the better seventh. */
export function stoppingRun(dir: string, from: TrainState | undefined, sink: (report: Report) => void): Run {
  const optimizer = adamw({ learningRate: 0.1 });
  const batches = evaluations.map((_, i) => ({ target: i, cursor: i + 1 })).slice((from?.cursor as number) ?? 0);
  const step = trainStep<{ target: number }>(({ w }, { target }) => tf.square(tf.sub(w!, target)), optimizer);
  const run = train(from ?? initialTrainState({ w: tf.scalar(1) }, optimizer), batches, step);
  const evaluate = async ({ step: made }: TrainState) => ({ loss: evaluations[made - 1]! });
  const stopping = withEarlyStop(withEvaluation(run, { every: 1, evaluate }), { patience: 4 });
  return logTo(withCheckpoints(stopping, { dir, every: 1 }), sink);
}

if (process.argv[1] === import.meta.filename) {
  const [, , dir, killAfter] = process.argv as [string, string, string, string];
  await tf.setBackend('cpu');
  const from = await loadCheckpoint(dir).catch(() => undefined);
  const log = (report: Report): void => appendFileSync(`${dir}/steps`, `${report.step}\n`);
  // A result comes out once its checkpoint is written.
  for await (const { report } of stoppingRun(dir, from, log))
    if (report.step === Number(killAfter)) process.kill(process.pid, 'SIGKILL');
}
