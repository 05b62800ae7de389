/** An evaluation that is done once and kept. */
import type { Params } from '@svo/models';
import { type Accuracy, wilson } from '@svo/recipes';
import type { Job } from '../job.ts';
import { files } from '../shell/run-folder.ts';
import { answerAll } from './answers.ts';
import type { Answered, Decoding } from './draw-responses.ts';
import { countKinds, type KindCounts } from './steps.ts';

/** How a stage's weights answer the unseen questions. */
export interface Evaluation {
  readonly name: string;
  readonly greedy: readonly Answered[];
  readonly sampled: readonly Answered[];
}

/** Answers of a stage's weights to the unseen questions, greedy and sampled; read back when the run had come that far. */
export async function evaluate(job: Job, name: string, params: Params): Promise<Evaluation> {
  const { run, timings } = job;
  const file = files.evaluation(name);
  if (run.has(file)) return run.readJson<Evaluation>(file);
  const questions = job.task.test.slice(0, job.options.testQuestions);
  const answers = (decoding: Decoding) => answerAll(job, params, questions, decoding, `${name}: ${decoding}`);
  const evaluation = await timings.measure('evaluation', async () => ({
    name,
    greedy: await answers('greedy'),
    sampled: await answers('sampled'),
  }));
  await run.write(file, JSON.stringify(evaluation));
  return evaluation;
}

/** Accuracies with their 95 % intervals, and what kinds of steps were written. */
export interface Score {
  readonly greedy: Accuracy;
  readonly sampled: Accuracy;
  readonly steps?: { readonly greedy: KindCounts; readonly sampled: KindCounts };
}

export function scoreOf({ task }: Pick<Job, 'task'>, { greedy, sampled }: Evaluation): Score {
  const [greedySteps, sampledSteps] = [countKinds(task, greedy), countKinds(task, sampled)];
  return {
    greedy: accuracyOf(greedy),
    sampled: accuracyOf(sampled),
    ...(greedySteps !== undefined &&
      sampledSteps !== undefined && { steps: { greedy: greedySteps, sampled: sampledSteps } }),
  };
}

export const accuracyOf = (answered: readonly Answered[]): Accuracy =>
  wilson(answered.filter(({ right }) => right).length, answered.length);
