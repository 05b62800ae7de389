/** Works a cell out: material, training, answers to unseen questions. */
import type { Params } from '@svo/models';
import { type Objective, planFor, planOptimizer } from '@svo/recipes';
import { copyParams, disposeTensors, initialTrainState, type StepResult, train, trainStep } from '@svo/train';
import { answerAll } from '../stages/answers.ts';
import { questionsOf } from '../stages/lanes.ts';
import { type Gathered, gather } from '../stages/material.ts';
import { answeredByBeams } from './beams.ts';
import type { Bench } from './bench.ts';
import { type Cell, cellId, type Row } from './cell.ts';
import { isVariant, variantPlan } from './variants.ts';

/**
 * The row of a cell. Rounds go as in the main job: from the second on the material is gathered with the weights of the round
 * before, on new questions, and added to what there was; the base stays the reference.
 *
 * @param heard is told every update, for whoever wants the curves
 */
export async function work(
  bench: Bench,
  cell: Cell,
  heard: (result: StepResult) => Promise<void> = async () => {},
): Promise<Row> {
  const began = process.cpuUsage();
  const { job, base, bits } = bench;
  let params = base;
  if (cell.method !== 'base') {
    let all = await bench.material(cell.values, cell.iterations, cell.questions);
    for (let round = 1; round <= cell.rounds; round++) {
      if (round > 1) all = together(all, await gatherAnew(bench, cell, round, params));
      const trained = await trainOn(bench, cell, { material: all, start: params }, heard);
      if (params !== base) disposeTensors(params);
      params = trained;
    }
  }
  const unseen = job.task.test.slice(0, job.options.testQuestions);
  const right = async (decoding: 'greedy' | 'sampled'): Promise<number> =>
    (await answerAll(job, params, unseen, decoding)).filter((answer) => answer.right).length;
  const row = { cell, greedy: await right('greedy'), sampled: await right('sampled'), of: unseen.length };
  const beams = cell.method === 'svpo' && cell.values === 'search' && { beams: await answeredByBeams(job, params) };
  if (params !== base) disposeTensors(params);
  return { ...row, ...beams, seconds: secondsSince(began), bits };
}

/** Processor time, which other work on the machine leaves as it is. */
export function secondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return Math.round((user + system) / 1e5) / 10;
}

async function trainOn(
  { job, base }: Bench,
  { method, settings, training }: Cell,
  { material, start }: { readonly material: Gathered; readonly start: Params },
  heard: (result: StepResult) => Promise<void>,
): Promise<Params> {
  const given = { learner: job.learner, reference: base, settings, seed: training, ...material };
  const plan = await (isVariant(method) ? variantPlan(method, given) : planFor(method as Objective, given));
  const optimizer = planOptimizer(settings);
  let state = initialTrainState({ ...plan.extras?.(), ...copyParams(start) }, optimizer);
  if (plan.updates > 0)
    for await (const result of train(state, plan.batches(), trainStep(plan.loss, optimizer))) {
      state = result.state;
      await heard(result);
      if (state.step === plan.updates) break;
    }
  disposeTensors([state.optimizer]);
  return state.params;
}

async function gatherAnew({ job }: Bench, cell: Cell, round: number, params: Params): Promise<Gathered> {
  const place = {
    source: cell.values === 'search' ? 'trees' : 'draws',
    name: `${cellId(cell).slice(0, 16)}-${round}`,
    questions: questionsOf(job, round).slice(0, cell.questions),
  } as const;
  return gather({ ...job, options: { ...job.options, iterations: cell.iterations } }, place, params);
}

const together = (a: Gathered, b: Gathered): Gathered => ({
  trees: [...a.trees, ...b.trees],
  trajectories: [...a.trajectories, ...b.trajectories],
});
