/** One round of the loop: search with the current policy, value every step, train, evaluate. */
import { sampleTrajectories, type Tree, treeSummary } from '@svo/mcts';
import type { ValuedTrajectory } from '@svo/mdp';
import type { Params } from '@svo/models';
import { adamw, chain, clipByGlobalNorm, cosine, trainStep, warmup } from '@svo/train';
import { createBar } from './bars.ts';
import type { Answered } from './evaluate.ts';
import { evaluateStage } from './evaluation-stage.ts';
import type { Job } from './job.ts';
import { planFor } from './objectives/index.ts';
import { writeRound } from './round-files.ts';
import { searchQuestions } from './search-stage.ts';
import { runTraining } from './training-stage.ts';

/** What a round leaves behind for the next one and for the report. */
export interface Round {
  readonly number: number;
  readonly trees: readonly Tree[];
  readonly trajectories: readonly ValuedTrajectory[];
  readonly params: Params;
  readonly updates: number;
  readonly answered: readonly Answered[];
}

/** Runs round `number` (1 is the first) from `params`; finished parts of it are read back. */
export async function runRound(job: Job, number: number, params: Params): Promise<Round> {
  const { options, recipe, run, learner, metrics, timings } = job;
  const stage = `round-${number}`;
  const questions = questionsOf(job, number);
  const trees = await timings.measure('search', () =>
    searchQuestions(
      run,
      number,
      learner,
      params,
      questions,
      options,
      recipe,
      createBar(`${stage}: search`, 'questions'),
    ),
  );
  const half = recipe.trajectories;
  const trajectories = trees.flatMap((tree) =>
    sampleTrajectories(tree, { positive: half, negative: half, seed: options.seed }),
  );
  await writeRound(run, number, trees.map(treeSummary), trajectories);
  const settings = recipe.training[options.objective];
  const material = { learner, trees, trajectories, reference: params, recipe: settings, seed: options.seed + number };
  const plan = await timings.measure('reference', () => planFor(options.objective, material));
  const { learningRate } = settings;
  const rate = warmup(
    Math.min(10, plan.updates),
    cosine({ from: learningRate, to: learningRate / 10, steps: plan.updates }),
  );
  const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: rate, beta2: 0.98, weightDecay: 0 }));
  const trained = await timings.measure('training', () =>
    runTraining(
      run,
      learner,
      { name: stage, updates: plan.updates, optimizer, step: trainStep(plan.loss, optimizer), batches: plan.batches },
      plan.extras === undefined ? params : { ...plan.extras(), ...params },
      metrics,
      createBar(`${stage}: ${options.objective}`, 'updates'),
    ),
  );
  const answered = await evaluateStage(job, stage, trained);
  return { number, trees, trajectories, params: trained, updates: plan.updates, answered };
}

/** Each round has questions of its own, none of them among the base's solutions, as long as the training set lasts. */
function questionsOf({ dataset, options, recipe }: Job, number: number) {
  const fresh = dataset.train.slice(recipe.sft.solutions).map(({ question }) => question);
  const wanted = Math.min(options.questions, fresh.length);
  const start = ((number - 1) * wanted) % Math.max(1, fresh.length - wanted + 1);
  return fresh.slice(start, start + wanted);
}
