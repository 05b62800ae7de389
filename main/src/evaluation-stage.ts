/** An evaluation that is done once and kept. */
import type { Params } from '@svo/models';
import { createBar } from './bars.ts';
import { type Answered, answerGreedily } from './evaluate.ts';
import type { Job } from './job.ts';
import { files } from './run-folder.ts';

/** Greedy answers of a stage's weights to the unseen questions; read back when the run had come that far. */
export async function evaluateStage(job: Job, stage: string, params: Params): Promise<readonly Answered[]> {
  const { run, learner, dataset, options, timings } = job;
  const file = files.evaluation(stage);
  if (run.has(file)) return run.readJson<readonly Answered[]>(file);
  const questions = dataset.test.slice(0, options.testQuestions).map(({ question }) => question);
  const answered = await timings.measure('evaluation', () =>
    answerGreedily(learner, params, questions, createBar(`${stage}: evaluate`, 'questions')),
  );
  await run.write(file, JSON.stringify(answered));
  return answered;
}
