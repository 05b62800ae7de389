/** A lane: one objective on one source of values, round after round. */
import type { ReferenceCache } from '@svo/data';
import type { Question } from '@svo/mdp';
import type { Params } from '@svo/models';
import { materialMetrics, type Objective, planFor, planOptimizer } from '@svo/recipes';
import { disposeTensors } from '@svo/train';
import type { Job } from '../job.ts';
import type { Source } from '../options.ts';
import { loadWeights } from '../shell/learner.ts';
import { type Diagnosed, diagnoseStage } from './diagnosis.ts';
import { type Evaluation, evaluate } from './evaluation.ts';
import { type Gathered, gather, type Place } from './material.ts';
import { isTrained, runTraining } from './training.ts';

export interface Lane {
  readonly source: Source;
  readonly objective: Objective;
}

/** What every lane begins with. */
export interface Start {
  readonly base: Params;
  /** What the base answered. */
  readonly answers: Evaluation;
  /** The base is the reference of every lane and round: what one has computed the next one reads. */
  readonly references: ReferenceCache;
  /** The first round's material: everybody's. */
  readonly material: Gathered;
}

/** What a lane came to: an evaluation after every round, the last one its result. */
export interface LaneResult extends Lane {
  readonly rounds: readonly Evaluation[];
  /** What looked wrong in its trainings, round after round, each round's worst first. */
  readonly diagnoses: readonly Diagnosed[];
}

export const laneName = ({ source, objective }: Lane, round: number): string => `${source}-${objective}-${round}`;

/**
 * Trains one objective from the base for all rounds. The first round's material is everybody's; from the second on a lane
 * gathers its own, with the weights it has, on new questions, and trains on all it has gathered. The base stays the reference.
 */
export async function runLane(
  job: Job,
  lane: Lane,
  { base, answers, references, material }: Start,
): Promise<LaneResult> {
  const rounds: Evaluation[] = [];
  const diagnoses: Diagnosed[] = [];
  let before = answers;
  let all = ownSearch(lane) ? await gather(job, placeOf(job, lane, 1), base) : material;
  let params = base;
  for (let round = 1; round <= job.options.rounds; round++) {
    const name = laneName(lane, round);
    if (round > 1) all = together(all, await gather(job, placeOf(job, lane, round), params));
    const trained = await trainRound(job, lane, name, params, { base, references, material: all });
    if (params !== base && params !== trained) disposeTensors(params);
    params = trained;
    const after = await evaluate(job, name, params);
    rounds.push(after);
    diagnoses.push(...diagnoseStage(job, name, { round, before, after }));
    before = after;
  }
  if (params !== base) disposeTensors(params);
  return { ...lane, rounds, diagnoses };
}

/** SVPO's trees are searched by its own rules; every other objective learns from what its source has for all. */
const ownSearch = ({ source, objective }: Lane): boolean => source === 'trees' && objective === 'svpo';

const placeOf = (job: Job, lane: Lane, round: number): Place => ({
  source: lane.source,
  name: laneName(lane, round),
  questions: questionsOf(job, round),
  search: ownSearch(lane) ? 'svpo' : 'dvo',
});

/** Updates by the plan, or none where the material does not fill a batch: then the weights stay what they were. */
async function trainRound(
  job: Job,
  { objective }: Lane,
  name: string,
  params: Params,
  { base, references, material }: Omit<Start, 'answers'>,
): Promise<Params> {
  const { learner, task, options, timings, run } = job;
  if (isTrained(job, name)) return loadWeights(run, name);
  const settings = task.settings[objective];
  const given = { learner, ...material, reference: base, referenceCache: references, settings, seed: options.seed };
  const plan = await timings.measure('reference', () => planFor(objective, given));
  if (plan.updates === 0) return params;
  const about = materialMetrics(material.trajectories);
  const stage = { name, label: objective, plan, optimizer: planOptimizer(settings), about };
  return timings.measure('training', () => runTraining(job, stage, params));
}

/** Each round has questions of its own, as long as there are any. */
export function questionsOf({ task, options }: Job, round: number): readonly Question[] {
  const wanted = Math.min(options.questions, task.questions.length);
  const start = ((round - 1) * wanted) % Math.max(1, task.questions.length - wanted + 1);
  return task.questions.slice(start, start + wanted);
}

const together = (a: Gathered, b: Gathered): Gathered => ({
  trees: [...a.trees, ...b.trees],
  trajectories: [...a.trajectories, ...b.trajectories],
});
