/**
 * Answers of an untrained base, found by search under a verifier of its own trees: a row a way and data seed, appended to ROWS
 * (benchmarks/results/guided-search.jsonl by default) where it is not there yet.
 *
 *     node --conditions=@svo/source main/src/study/guided/run.ts FOLDER SEED [ROWS]
 *
 * FOLDER is a study's `--folder`; its bench of that seed is made if it is not there.
 */
import { appendFileSync } from 'node:fs';
import { blankLineFormat, type ValueModel } from '@svo/mdp';
import { localPolicy } from '@svo/models';
import { mathVerifier } from '@svo/verify';
import { openBench } from '../bench.ts';
import { cellOf } from '../parts.ts';
import { type GuidedRow, guidedFile, readGuided } from './rows.ts';
import { searches } from './searches.ts';
import { trainVerifier } from './verifier.ts';

const [folder, seedText, file = guidedFile] = process.argv.slice(2);
if (folder === undefined || seedText === undefined) throw new Error('guided/run.ts: FOLDER and SEED must be given');
/** Every step of every question is a pass of its own: few questions. */
const asked = 100;
const seed = Number(seedText);
const { job, base, material } = await openBench(folder, cellOf('base', seed, 0));
const { valueModel: logits } = await trainVerifier(job, await material('prefix', 16, 100), base);
const valueModel: ValueModel = {
  id: logits.id,
  values: async (states, signal) => (await logits.values(states, signal)).map((z) => 1 / (1 + Math.exp(-z))),
};
const { temperature, stepTokens, depth } = job.task.search;
const how = { format: blankLineFormat, temperature, maxTokens: stepTokens, id: 'guided' };
const policy = localPolicy({ ...job.learner, params: base, ...how });
const questions = job.task.test.slice(0, asked);
const known = readGuided(file);
for (const [search, find] of Object.entries(searches)) {
  if (known.some((row) => row.search === search && row.seed === seed)) continue;
  let [right, steps] = [0, 0];
  for (const question of questions) {
    const found = await find({ question, policy, valueModel, depth, seed });
    if (mathVerifier(question, found.text).equivalent) right++;
    steps += found.steps;
  }
  const mean = Math.round((10 * steps) / questions.length) / 10;
  const row: GuidedRow = { search, seed, right, of: questions.length, steps: mean };
  appendFileSync(file, `${JSON.stringify(row)}\n`);
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
process.exit(0);
