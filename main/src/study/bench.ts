/** What the cells of one data seed share: the task with its questions, the base, and the material. Made once, kept on disk. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash, type Question } from '@svo/mdp';
import type { Params } from '@svo/models';
import type { Job } from '../job.ts';
import type { Options } from '../options.ts';
import { startEngine } from '../shell/engine.ts';
import { openMetrics } from '../shell/metrics.ts';
import { files, openRun } from '../shell/run-folder.ts';
import { openTimings } from '../shell/timings.ts';
import { answerAll } from '../stages/answers.ts';
import { trainBase } from '../stages/base.ts';
import { questionsOf } from '../stages/lanes.ts';
import { type Gathered, gather } from '../stages/material.ts';
import { openTask } from '../tasks/index.ts';
import { newLearner } from '../tasks/new-learner.ts';
import type { Task } from '../tasks/task.ts';
import { type BaseStrength, benchId, type Cell, type Values } from './cell.ts';
import { valuedByModel } from './outcome-values.ts';
import { rollOut } from './rollouts.ts';

export interface Bench {
  readonly job: Job;
  readonly base: Params;
  /** The first round's material of the first so many questions, which all cells of the seed share. */
  readonly material: (values: Values, iterations: number, questions: number) => Promise<Gathered>;
  /** The base and what it answers, as a hash: another machine or another version of the arithmetic has another one. */
  readonly bits: string;
}

/** Opens the bench of a cell in `folder`; what an earlier process made there is read back. */
export async function openBench(
  folder: string,
  cell: Cell,
  smaller: (task: Task) => Task = (task) => task,
): Promise<Bench> {
  const { task: name, base: strength, seed, sizes } = cell;
  const out = join(folder, benchId(cell));
  const options: Options = {
    ...sizes,
    ...{ task: name, objectives: [], sources: [], iterations: 16, seed },
    ...{ backend: 'wasm', data: undefined, model: undefined, out },
    resume: existsSync(join(out, files.config)),
  };
  const task = strengthen(smaller(await openTask(options)), strength);
  const run = await openRun(options);
  // One thread: the study's processes are side by side already, and the bits are the same for any number.
  const engine = await startEngine(options.backend, 1);
  const shared = { options, task, run, engine, learner: newLearner(task) };
  const job: Job = { ...shared, metrics: openMetrics(run), timings: openTimings(run), updatesBetweenCheckpoints: 500 };
  const base = await trainBase(job);
  const known = new Map<string, Promise<Gathered>>();
  const material = (values: Values, iterations: number, questions: number): Promise<Gathered> => {
    const name = values === 'search' ? `search-${iterations}` : values;
    const key = `${name} ${questions}`;
    const made =
      known.get(key) ?? gatherWith(job, values, iterations, name, questionsOf(job, 1).slice(0, questions), base);
    known.set(key, made);
    return made;
  };
  return { job, base, material, bits: await bitsOf(job, base) };
}

async function bitsOf(job: Job, base: Params): Promise<string> {
  const weights = await Promise.all(
    Object.keys(base)
      .toSorted()
      .map(
        async (name) =>
          [
            name,
            createHash('sha256')
              .update(new Uint8Array((await base[name]!.data()).buffer))
              .digest('hex'),
          ] as const,
      ),
  );
  const answered = await answerAll(job, base, job.task.test.slice(0, 20), 'sampled');
  return contentHash([weights, answered.map(({ response }) => response)]).slice(0, 12);
}

async function gatherWith(
  job: Job,
  values: Values,
  iterations: number,
  name: string,
  questions: readonly Question[],
  params: Params,
): Promise<Gathered> {
  if (values === 'model') {
    const draws = await gather(job, { source: 'draws', name: 'prefix', questions }, params);
    return valuedByModel(job, questions, draws, params);
  }
  if (values === 'rollouts') return rollOut(job, { name, questions }, params);
  const source = values === 'search' ? 'trees' : 'draws';
  return gather({ ...job, options: { ...job.options, iterations } }, { source, name, questions }, params);
}

/** A base that learned on past its gate: as many updates again, cooled by the cosine of a base without a gate. */
function strengthen(task: Task, strength: BaseStrength): Task {
  if (strength === 'gate') return task;
  const { gate: _, ...base } = task.base;
  return { ...task, base: { ...base, updates: 3000 } };
}
