/** One round of the loop: search with the current policy, value every step, train, evaluate. */
import { sampleTrajectories, type Tree, treeSummary } from '@svo/mcts';
import type { Question, ValuedTrajectory } from '@svo/mdp';
import type { Params } from '@svo/models';
import { adamw, chain, clipByGlobalNorm, cosine, trainStep, warmup } from '@svo/train';
import { createBar } from './bars.ts';
import type { Answered } from './evaluate.ts';
import { evaluateStage } from './evaluation-stage.ts';
import type { Job } from './job.ts';
import { planFor } from './objectives/index.ts';
import type { Plan } from './objectives/plan.ts';
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

/** What came before a round: the base, which stays the reference, and the rounds so far. */
export interface Past {
  readonly base: Params;
  readonly rounds: readonly Round[];
}

/**
 * One round: search new questions with the newest policy, then go on training it on the trajectories of all rounds so far,
 * against the base as the frozen reference. Finished parts are read back.
 */
export async function runRound(job: Job, { base, rounds }: Past): Promise<Round> {
  const { options, recipe, run, learner, timings } = job;
  const number = rounds.length + 1;
  const params = rounds.at(-1)?.params ?? base;
  const trees = await timings.measure('search', () =>
    searchQuestions(
      run,
      number,
      learner,
      params,
      questionsOf(job, number),
      options,
      recipe,
      createBar(`round-${number}: search`, 'questions'),
    ),
  );
  const most = { positive: recipe.trajectories, negative: recipe.trajectories, seed: options.seed };
  const trajectories = trees.flatMap((tree) => balanced(sampleTrajectories(tree, most)));
  await writeRound(run, number, trees.map(treeSummary), trajectories);
  const material = {
    learner,
    trees: [...rounds.flatMap((round) => round.trees), ...trees],
    trajectories: [...rounds.flatMap((round) => round.trajectories), ...trajectories],
    reference: base,
    recipe: recipe.training[options.objective],
    seed: options.seed + number,
  };
  const plan = await timings.measure('reference', () => planFor(options.objective, material));
  const trained = await trainRound(job, `round-${number}`, params, plan);
  const answered = await evaluateStage(job, `round-${number}`, trained);
  return { number, trees, trajectories, params: trained, updates: plan.updates, answered };
}

/** Updates by the plan, or none where the search found too little to fill a batch: then the policy stays what it was. */
async function trainRound(job: Job, stage: string, params: Params, plan: Plan<object>): Promise<Params> {
  if (plan.updates === 0) return params;
  const { options, recipe, run, learner, metrics, timings } = job;
  const { learningRate } = recipe.training[options.objective];
  const rate = warmup(
    Math.min(10, plan.updates),
    cosine({ from: learningRate, to: learningRate / 10, steps: plan.updates }),
  );
  const optimizer = chain(clipByGlobalNorm(1), adamw({ learningRate: rate, beta2: 0.98, weightDecay: 0 }));
  const training = {
    name: stage,
    updates: plan.updates,
    optimizer,
    step: trainStep(plan.loss, optimizer),
    batches: plan.batches,
    updatesBetweenCheckpoints: recipe.updatesBetweenCheckpoints,
  };
  const start = plan.extras === undefined ? params : { ...plan.extras(), ...params };
  const bar = createBar(`${stage}: ${options.objective}`, 'updates');
  return timings.measure('training', () => runTraining(run, learner, training, start, metrics, bar));
}

/** Each round has questions of its own, none of them among the base's solutions, as long as the training set lasts. */
function questionsOf({ dataset, options, recipe }: Job, number: number): Question[] {
  const fresh = dataset.train.slice(recipe.sft.solutions).map(({ question }) => question);
  const wanted = Math.min(options.questions, fresh.length);
  const start = ((number - 1) * wanted) % Math.max(1, fresh.length - wanted + 1);
  return fresh.slice(start, start + wanted);
}

/**
 * All right trajectories of a question and at most as many wrong ones: with all the wrong ones there are, a small model
 * learns what to avoid more than what to do, and puts something else that is wrong in its place (docs/log.md).
 */
function balanced(trajectories: readonly ValuedTrajectory[]): ValuedTrajectory[] {
  const right = trajectories.filter(({ reward }) => reward > 0);
  const wrong = trajectories.filter(({ reward }) => reward < 0);
  return [...right, ...wrong.slice(0, right.length)];
}
