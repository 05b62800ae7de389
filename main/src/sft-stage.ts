/** The papers' starting point: a base that is right sometimes and wrong often. */
import type { Params } from '@svo/models';
import { adamw, chain, clipByGlobalNorm, cosine, trainStep, warmup } from '@svo/train';
import { createBar } from './bars.ts';
import type { Job } from './job.ts';
import { type SupervisedText, supervisedPlan } from './objectives/rft.ts';
import { runTraining } from './training-stage.ts';

/** Trains from fresh weights on the first worked solutions of the training set. */
export async function trainBase(job: Job): Promise<Params> {
  const { dataset, learner, options, recipe } = job;
  const { solutions, updates, batchSize, learningRate } = recipe.sft;
  const texts = dataset.train
    .slice(0, solutions)
    .map(({ question, solution }) => ({ prompt: question.prompt, steps: solution }));
  return superviseFrom(job, 'base', learner.lm.init(options.seed), texts, {
    updates,
    batchSize,
    learningRate,
    weightDecay: 0.1,
  });
}

/** SFT for a given number of updates, whatever the number of texts. */
export async function superviseFrom(
  job: Job,
  stage: string,
  start: Params,
  texts: readonly SupervisedText[],
  settings: {
    readonly updates: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly weightDecay: number;
  },
): Promise<Params> {
  const { run, learner, options, recipe, metrics, timings } = job;
  const { updates, batchSize, learningRate, weightDecay } = settings;
  const plan = supervisedPlan(learner, texts, { epochs: 1, batchSize }, options.seed, updates);
  const rate = warmup(Math.min(50, updates), cosine({ from: learningRate, to: learningRate / 10, steps: updates }));
  const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: rate, beta2: 0.98, weightDecay }));
  const stageOf = {
    name: stage,
    updates,
    optimizer,
    step: trainStep(plan.loss, optimizer),
    batches: plan.batches,
    updatesBetweenCheckpoints: recipe.updatesBetweenCheckpoints,
  };
  return timings.measure(stage === 'base' ? 'SFT' : stage, () =>
    runTraining(run, learner, stageOf, start, metrics, createBar(`${stage}: SFT`, 'updates')),
  );
}
