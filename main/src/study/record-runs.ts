/**
 * Records the runs that `diagnose` is tested on (packages/train/golden/runs): real trainings, some of them spoilt on purpose, with
 * the accuracy on unseen questions every 20 updates and what the material can teach.
 *
 *     node --conditions=@svo/source main/src/study/record-runs.ts FOLDER
 *
 * FOLDER is a study's `--folder`; its bench of data seed 1 is made if it is not there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { materialMetrics } from '@svo/recipes';
import type { Report } from '@svo/train';
import { answerAll } from '../stages/answers.ts';
import { gather } from '../stages/material.ts';
import { type Bench, openBench } from './bench.ts';
import type { Cell } from './cell.ts';
import { cellOf, settingsOf } from './parts.ts';
import { work } from './work.ts';

const updatesBetween = 20;
const evaluated = 100;
const golden = join(import.meta.dirname, '../../../packages/train/golden/runs');

/** What a report keeps: what `diagnose` reads and a person looks at. */
const kept =
  /^(step|loss|grad_norm|learning_rate|kl|eval_accuracy|(rewards|logps)\/(chosen|rejected|margins|accuracies)|credits\/mse|material\/\w+)$/;

const spoilt = (method: 'kto' | 'dpo' | 'dvo' | 'rft', beta: number, learningRate: number, updates = 100): Cell =>
  cellOf(method, 1, 1, { settings: { ...settingsOf(method), beta, learningRate, updates } });

const runs: Readonly<Record<string, Cell>> = {
  healthy: cellOf('dvo', 1, 1, { settings: { ...settingsOf('dvo'), updates: 100 } }),
  'kl-grows': spoilt('dvo', 0.003, 3e-3),
  'accuracy-falls': spoilt('kto', 0.1, 1e-3),
  'both-logps-fall': spoilt('dpo', 0.1, 1e-3),
};

const folder = process.argv[2];
if (folder === undefined) throw new Error('record-runs: the folder of a study is missing (its --folder)');
mkdirSync(golden, { recursive: true });
const bench = await openBench(folder, cellOf('base', 1, 0));
for (const [name, cell] of Object.entries(runs)) {
  const { trajectories } = await bench.material('prefix', 16, runs.healthy!.questions);
  await record(bench, name, cell, materialMetrics(trajectories));
}
await recordSecondRound(bench);
process.exit(0);

/** Draws of a model that has learned: nearly all right, by one way, and no step decides. */
async function recordSecondRound(bench: Bench): Promise<void> {
  const { job } = bench;
  let learned = bench.base;
  await work(bench, cellOf('dvo', 1, 1), async ({ state }) => {
    learned = state.params;
    if (state.step === settingsOf('dvo').updates) {
      const place = { source: 'draws', name: 'after-dvo', questions: job.task.questions } as const;
      const cold = { ...job, task: { ...job.task, search: { ...job.task.search, temperature: 0.5 } } };
      const second = await gather(cold, place, learned);
      const again: Bench = { ...bench, material: async () => second };
      await record(
        again,
        'second-round',
        cellOf('dvo', 1, 1, { settings: { ...settingsOf('dvo'), updates: 40 } }),
        materialMetrics(second.trajectories),
      );
    }
  });
}

async function record(bench: Bench, name: string, cell: Cell, about: Readonly<Record<string, number>>): Promise<void> {
  const { job, base } = bench;
  const lines: string[] = [];
  const accuracy = async (params: typeof base): Promise<number> => {
    const answered = await answerAll(job, params, job.task.test.slice(0, evaluated), 'sampled');
    return answered.filter(({ right }) => right).length / answered.length;
  };
  await work(bench, cell, async ({ state, report }) => {
    const measured =
      state.step === 1 ? await accuracy(base) : await accuracyEvery(state.step, () => accuracy(state.params));
    lines.push(
      lineOf({ ...report, ...(state.step === 1 && about), ...(measured !== undefined && { eval_accuracy: measured }) }),
    );
  });
  writeFileSync(join(golden, `${name}.jsonl`), `${lines.join('\n')}\n`);
  process.stdout.write(`${name}: ${lines.length} updates\n`);
}

async function accuracyEvery(step: number, measure: () => Promise<number>): Promise<number | undefined> {
  return step % updatesBetween === 0 ? measure() : undefined;
}

function lineOf(report: Report): string {
  const few = Object.entries(report).filter(([key]) => kept.test(key));
  return JSON.stringify(Object.fromEntries(few.map(([key, value]) => [key, Number(value.toPrecision(5))])));
}
