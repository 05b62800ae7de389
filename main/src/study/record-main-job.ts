/**
 * Keeps what runs of the main job came to, for the table in the README and in docs/study.md:
 *
 *     npm start -- --seed N --out FOLDER        (for each seed)
 *     node --conditions=@svo/source main/src/study/record-main-job.ts FOLDER…
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Score } from '../stages/evaluation.ts';
import type { Scores, Summary } from '../summary.ts';
import { type MainJobRun, mainJobFile } from './main-job.ts';

const rights = (score: Score, of: number) => ({
  greedy: Math.round(score.greedy.accuracy * of),
  sampled: Math.round(score.sampled.accuracy * of),
});

const all = (scores: Scores | undefined, of: number) =>
  Object.fromEntries(Object.entries(scores ?? {}).map(([name, score]) => [name, rights(score, of)]));

const runs = process.argv.slice(2).map((folder): MainJobRun => {
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;
  const { seed, backend, gate, base, draws, trees, testQuestions: of } = summary;
  if (gate === undefined)
    throw new Error(`record-main-job: ${folder} has no gate; expected a run of the skipped steps`);
  const { plain, merged, passed, updates } = gate;
  return {
    ...{ seed, backend, of, gate: { plain, merged, passed, updates }, base: rights(base, of) },
    ...{ draws: all(draws, of), trees: all(trees, of) },
  };
});
writeFileSync(
  mainJobFile,
  `${JSON.stringify(
    runs.toSorted((a, b) => a.seed - b.seed),
    undefined,
    2,
  )}\n`,
);
