/** The main job from end to end: SFT → (search → values → training → evaluation) × rounds → RFT beside it → report. */
import type { Params } from '@svo/models';
import { builtInDataset, type Dataset, traceDataset } from './dataset.ts';
import { startEngine } from './engine.ts';
import { accuracyOf } from './evaluate.ts';
import { evaluateStage } from './evaluation-stage.ts';
import { showAccuracy } from './interval.ts';
import type { Job } from './job.ts';
import { createLearner } from './learner.ts';
import { openMetrics } from './metrics.ts';
import type { Options } from './options.ts';
import { recipe as defaultRecipe, type Recipe } from './recipe.ts';
import { writeReport } from './report.ts';
import { type Round, runRound } from './round.ts';
import { files, openRun } from './run-folder.ts';
import { superviseFrom, trainBase } from './sft-stage.ts';
import { type Summary, summarise } from './summary.ts';
import { openTimings } from './timings.ts';

/** Runs, or resumes, the whole job; says on `out` what it does, and leaves `summary.json` and `report.html`. */
export async function runJob(
  options: Options,
  out: NodeJS.WritableStream,
  recipe: Recipe = defaultRecipe,
): Promise<Summary> {
  const job = await openJob(options, recipe, out);
  const base = await trainBase(job);
  const baseAnswers = await evaluateStage(job, 'base', base);
  say(out, `SFT base: ${showAccuracy(accuracyOf(baseAnswers))} of ${baseAnswers.length} unseen questions`);

  const rounds: Round[] = [];
  while (rounds.length < options.rounds) {
    const round = await runRound(job, { base, rounds });
    rounds.push(round);
    say(out, `round ${round.number}: ${showAccuracy(accuracyOf(round.answered))}`);
  }

  const rft = await trainComparison(job, base, rounds);
  const rftAnswers = await evaluateStage(job, 'rft', rft);
  say(out, `RFT on the same trees: ${showAccuracy(accuracyOf(rftAnswers))}`);

  const summary = summarise(job, { base: baseAnswers, rounds, rft: rftAnswers });
  await job.run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
  await writeReport(job, summary, rounds);
  return summary;
}

async function openJob(options: Options, recipe: Recipe, out: NodeJS.WritableStream): Promise<Job> {
  const dataset = await readDataset(options, recipe);
  const run = await openRun(options);
  const engine = await startEngine(options.backend);
  say(out, `backend: ${engine.description}${engine.hint === undefined ? '' : `; faster: ${engine.hint}`}`);
  say(out, `task: ${dataset.name}, ${dataset.train.length} training and ${dataset.test.length} test questions`);
  for (const { file, read, used, reasons } of dataset.rows) {
    const left = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
    say(out, `  ${file}: ${used} of ${read} rows used${left.length > 0 ? `; left out: ${left.join(', ')}` : ''}`);
  }
  return {
    options,
    recipe,
    run,
    engine,
    dataset,
    learner: createLearner(),
    metrics: openMetrics(run),
    timings: openTimings(run),
  };
}

function readDataset(
  { data, seed, rounds, questions, testQuestions }: Options,
  recipe: Recipe,
): Promise<Dataset> | Dataset {
  return data === undefined
    ? builtInDataset(seed, recipe.sft.solutions + rounds * questions, testQuestions)
    : traceDataset(data);
}

/** RFT: the correct trajectories of all rounds' trees, from the same base, for as many updates as the objective had. */
async function trainComparison(job: Job, base: Params, rounds: readonly Round[]): Promise<Params> {
  const right = rounds.flatMap(({ trajectories }) => trajectories.filter(({ reward }) => reward > 0));
  const { batchSize, learningRate } = job.recipe.training.rft;
  const updates = rounds.reduce((sum, round) => sum + round.updates, 0);
  if (right.length < batchSize || updates === 0) return base;
  return superviseFrom(job, 'rft', base, right, { updates, batchSize, learningRate, weightDecay: 0 });
}

const say = (out: NodeJS.WritableStream, line: string): void => {
  out.write(`${line}\n`);
};
