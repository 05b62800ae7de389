/** The main job from end to end: base → draws and trees → every objective on the same material → answers → report. */
import { referenceCache, toTrlRow, writeRows } from '@svo/data';
import { type Tree, treeSummary } from '@svo/mcts';
import type { Params } from '@svo/models';
import { showAccuracy } from '@svo/recipes';
import type { Job } from './job.ts';
import { OptionError, type Options, type Source } from './options.ts';
import { writeReport } from './report/report.ts';
import { startEngine } from './shell/engine.ts';
import { givenLearner } from './shell/learner.ts';
import { openMetrics } from './shell/metrics.ts';
import { files, openRun } from './shell/run-folder.ts';
import { openTimings } from './shell/timings.ts';
import { passGate, trainBase } from './stages/base.ts';
import { diagnosisLines } from './stages/diagnosis.ts';
import { accuracyOf, evaluate } from './stages/evaluation.ts';
import { type LaneResult, questionsOf, runLane } from './stages/lanes.ts';
import { type Gathered, gather } from './stages/material.ts';
import { gateLine, type Summary, summarise } from './summary.ts';
import { openTask } from './tasks/index.ts';
import { newLearner } from './tasks/new-learner.ts';
import type { Task } from './tasks/task.ts';

/** What a test may change of a run to make it small. */
export interface Smaller {
  readonly task?: (task: Task) => Task;
  readonly updatesBetweenCheckpoints?: number;
}

/** Runs, or resumes, the whole job; says on `out` what it does, and leaves `summary.json` and `report.html`. */
export async function runJob(options: Options, out: NodeJS.WritableStream, smaller: Smaller = {}): Promise<Summary> {
  const say = (line: string): void => {
    out.write(`${line}\n`);
  };
  const { job, given } = await openJob(options, say, smaller);
  const base = given ?? (await trainBase(job));
  const gate = given === undefined ? await passGate(job, base) : undefined;
  if (gate !== undefined) say(gateLine(gate));
  const baseAnswers = await evaluate(job, 'base', base);
  say(`base: ${showAccuracy(accuracyOf(baseAnswers.greedy))} of ${baseAnswers.greedy.length} unseen questions, greedy`);

  const references = await referenceCache(job.run.path(files.reference), { weights: 'base' });
  const lanes: LaneResult[] = [];
  const shown: Partial<Record<Source, Gathered>> = {};
  for (const source of options.sources) {
    const place = { source, name: `${source}-1`, questions: questionsOf(job, 1) };
    const first = await gather(job, place, base);
    await writeMaterial(job, place.name, first);
    shown[source] = first;
    for (const objective of options.objectives) {
      const lane = await runLane(
        job,
        { source, objective },
        { base, answers: baseAnswers, references, material: first },
      );
      const last = lane.rounds.at(-1)!;
      say(
        `${objective} from ${source}: ${showAccuracy(accuracyOf(last.greedy))} greedy, ${showAccuracy(accuracyOf(last.sampled))} sampled`,
      );
      for (const line of diagnosisLines(lane.diagnoses)) say(line);
      lanes.push(lane);
    }
  }

  const summary = summarise(job, { base: baseAnswers, gate, lanes });
  await job.run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
  await writeReport(job, summary, { base: baseAnswers, lanes, material: shown });
  return summary;
}

async function openJob(
  options: Options,
  say: (line: string) => void,
  { task: smallerTask = (task) => task, updatesBetweenCheckpoints = 100 }: Smaller,
): Promise<{ readonly job: Job; readonly given: Params | undefined }> {
  const task = smallerTask(await openTask(options));
  if (task.questions.length === 0)
    throw new OptionError(
      `${task.name}: no question is left to draw or search; expected more rows than the base learns from`,
    );
  const run = await openRun(options);
  const engine = await startEngine(options.backend);
  say(`backend: ${engine.description}${engine.hint === undefined ? '' : `; faster: ${engine.hint}`}`);
  say(`task: ${task.name}, ${task.solutions.length} worked solutions, ${task.test.length} unseen questions`);
  for (const { file, read, used, reasons } of task.rows) {
    const left = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
    say(`  ${file}: ${used} of ${read} rows used${left.length > 0 ? `; left out: ${left.join(', ')}` : ''}`);
  }
  const given = options.model === undefined ? undefined : await givenLearner(options.model);
  const learner = given ?? newLearner(task);
  const job = { options, task, run, engine, learner, metrics: openMetrics(run), timings: openTimings(run) };
  return { job: { ...job, updatesBetweenCheckpoints }, given: given?.params };
}

/** What a round leaves on disk beside its trees: a summary line a tree, and the rows that were trained on, as TRL reads them. */
async function writeMaterial({ run }: Job, place: string, { trees, trajectories }: Gathered): Promise<void> {
  await run.write(files.rows(place, 'trees'), lines(trees.map((tree: Tree) => treeSummary(tree))));
  await writeRows(
    run.path(files.rows(place, 'rows')),
    trajectories.map((trajectory) => ({ ...toTrlRow(trajectory) })),
  );
}

const lines = (records: readonly object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');
