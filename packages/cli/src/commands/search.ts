import { searchCode } from '../code/search-code.ts';
import { searchEstimate } from '../estimate/search-estimate.ts';
import { openModel } from '../models/open-policy.ts';
import { openVerifier } from '../models/open-verifier.ts';
import { isLocal } from '../models/place.ts';
import { hasPriors } from '../models/priors.ts';
import { tokenizerOf } from '../models/tokenizer-of.ts';
import { type SearchPlan, searchPlanOf } from '../plans/search-plan.ts';
import { startEngine } from '../shell/engine.ts';
import { files, openRun, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { openFormat } from '../stages/formats.ts';
import { questionsFor } from '../stages/questions.ts';
import { assertSome, growTrees } from '../stages/searching.ts';
import { type Command, defineCommand, type RunOptions } from './command.ts';

export const searchCommand: Command = defineCommand({
  name: 'search',
  summary: 'search solutions to questions: trees, a value for every step, TRL rows',
  examples: [
    'svo search --model ./model --data questions.jsonl',
    'svo search --policy http://127.0.0.1:8080 --data questions.jsonl --set search.iterations=80',
  ],
  keys: [
    ...[
      'model',
      'policy',
      'data',
      'task',
      'columns',
      'prompt',
      'format',
      'verifier',
      'search',
      'server',
      'seed',
      'out',
    ],
    ...['backend', 'threads'],
  ],
  plan: searchPlanOf,
  code: searchCode,
  estimate: searchEstimate,
  run: runSearch,
});

async function runSearch(plan: SearchPlan, shell: Shell, { resume }: RunOptions): Promise<void> {
  const { out, engine, server: _, ...identity } = plan;
  const run = await openRun(out, { command: 'search', ...identity }, resume);
  if (run.has(files.summary)) return done(shell, run, run.readJson(files.summary));
  if (isLocal(plan.place)) await startEngine(engine, shell);
  const { place, model: other, server, search, seed } = plan;
  const verifier = await openVerifier(plan.verifier);
  const model = await openModel(place, { server, system: plan.questions.prompt.system });
  try {
    const questions = await questionsFor(plan.questions, model.tokenizer ?? (await tokenizerOf(other)));
    const priors = hasPriors(plan);
    const format = await openFormat(plan.format);
    const grown = await growTrees(run, shell, {
      stage: 'search',
      model,
      questions,
      verifier,
      format,
      search,
      priors,
      seed,
    });
    assertSome(grown);
    const { material, ...counts } = grown;
    const summary = { command: 'search', trees: material.trees.length, rows: material.trajectories.length, ...counts };
    await run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
    done(shell, run, summary);
  } finally {
    await model.close();
  }
}

function done(shell: Shell, run: RunFolder, summary: Readonly<Record<string, unknown>>): void {
  const { trees, rows, right, wrong, failed } = summary as Record<string, number>;
  const lost = failed! > 0 ? `, ${failed} questions without an answer from the server` : '';
  shell.tell(
    'done',
    { ...summary, folder: run.folder },
    `${trees} trees, ${right} right and ${wrong} wrong solutions${lost}; ${rows} rows\n  ${run.path(files.rows('search'))}`,
  );
}
