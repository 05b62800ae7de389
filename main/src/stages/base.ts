/** The papers' starting point: a base that is right sometimes and wrong often. */
import type { Params } from '@svo/models';
import { cosine, type TrainState, warmup } from '@svo/train';
import type { Job } from '../job.ts';
import { files } from '../shell/run-folder.ts';
import type { Gate } from '../tasks/task.ts';
import { baseOptimizer, basePlan, cooledRate, coolsFrom, lookThrough } from './base-course.ts';
import { runTraining } from './training.ts';

/** What the gate saw of a finished base, sampled on questions of its own. */
export interface GateResult {
  /** Shares of plain and of merged steps that are right. */
  readonly plain: number;
  readonly merged: number;
  readonly passed: boolean;
  readonly updates: number;
}

/** Trains from fresh weights on the worked solutions, for a number of updates or until the gate and then to its cooling's end. */
export async function trainBase(job: Job): Promise<Params> {
  const { task, learner, options, timings } = job;
  const { gate, updates, learningRate } = task.base;
  const plan = basePlan(job);
  const start = learner.lm.init(options.seed);
  return timings.measure('base', async () => {
    if (gate === undefined) {
      const rate = warmup(Math.min(50, updates), cosine({ from: learningRate, to: learningRate / 10, steps: updates }));
      return runTraining(job, { name: 'base', label: 'SFT', plan, optimizer: baseOptimizer(task.base, rate) }, start);
    }
    const cooled = coolingFrom(job, gate);
    const stage = {
      name: 'base',
      label: 'SFT',
      plan,
      optimizer: baseOptimizer(task.base, cooled.rate),
      over: cooled.over,
    };
    return runTraining(job, stage, start);
  });
}

/**
 * A rate that stays where it is until the model does plain steps right, and then falls to a tenth. When it began to fall is
 * written down as soon as it is known, so that an interrupted run goes on with the same rates.
 */
function coolingFrom(
  job: Job,
  gate: Gate,
): { readonly rate: (step: number) => number; readonly over: (state: TrainState) => Promise<boolean> } {
  const { run, task } = job;
  let from: number | undefined = run.has(files.cooling)
    ? run.readJson<{ from: number }>(files.cooling).from
    : undefined;
  return {
    rate: (step) => cooledRate(task.base, gate, step, from),
    over: async ({ step, params }) => {
      if (from === undefined && step % gate.updatesBetweenChecks === 0) {
        if (coolsFrom(task.base, gate, step, await lookThrough(job, gate, params))) {
          from = step;
          await run.write(files.cooling, `${JSON.stringify({ from })}\n`);
        }
      }
      return from !== undefined && step >= from + gate.cooling;
    },
  };
}

/** Whether a base passes the task's gate; nothing for a task without one. */
export async function passGate(job: Job, params: Params): Promise<GateResult | undefined> {
  const { gate } = job.task.base;
  if (gate === undefined) return undefined;
  if (job.run.has(files.gate)) return job.run.readJson<GateResult>(files.gate);
  const { plain, merged } = await lookThrough(job, gate, params);
  const updates = job.run.has(files.cooling)
    ? job.run.readJson<{ from: number }>(files.cooling).from + gate.cooling
    : 0;
  const result = { plain, merged, passed: plain >= gate.plain && merged <= gate.merged, updates };
  await job.run.write(files.gate, `${JSON.stringify(result)}\n`);
  return result;
}
