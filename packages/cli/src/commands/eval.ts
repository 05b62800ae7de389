import { evalCode } from '../code/eval-code.ts';
import { evalEstimate } from '../estimate/eval-estimate.ts';
import { openModel } from '../models/open-policy.ts';
import { openVerifier } from '../models/open-verifier.ts';
import { isLocal } from '../models/place.ts';
import { type EvalPlan, evalPlanOf, searchedTogether } from '../plans/eval-plan.ts';
import { startEngine } from '../shell/engine.ts';
import { files, openRun } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { measure, type Score } from '../stages/evaluation.ts';
import { measureByBeams } from '../stages/guided.ts';
import { questionsFor } from '../stages/questions.ts';
import { showScore } from '../stages/score-text.ts';
import { type Command, defineCommand, type RunOptions } from './command.ts';

export const evalCommand: Command = defineCommand({
  name: 'eval',
  summary: 'measure a model, or a server, on questions with answers',
  examples: [
    'svo eval --model ./model --test questions.jsonl --verifier gsm8k',
    'svo eval --model ./model --value runs/values/model --beam 5 --test questions.jsonl',
    'svo eval --model http://127.0.0.1:8080 --test questions.jsonl --set eval.samples=8 --set eval.temperature=0.7',
  ],
  keys: [
    'model',
    'test',
    'task',
    'columns',
    'prompt',
    'format',
    'verifier',
    'value',
    'eval',
    'server',
    'seed',
    'out',
    'backend',
    'threads',
  ],
  plan: evalPlanOf,
  code: evalCode,
  estimate: evalEstimate,
  run: runEval,
});

async function runEval(plan: EvalPlan, shell: Shell, { resume }: RunOptions): Promise<void> {
  const { out, engine, server: _, ...identity } = plan;
  const run = await openRun(out, { command: 'eval', ...identity }, resume);
  if (run.has(files.summary)) return done(shell, run.readJson<Score>(files.summary));
  if (isLocal(plan.place) || plan.guide) await startEngine(engine, shell);
  const verifier = await openVerifier(plan.verifier);
  const model = await openModel(plan.place, { server: plan.server, system: plan.questions.prompt.system });
  try {
    const questions = await questionsFor(plan.questions, model.tokenizer);
    const { evaluation, guide, seed } = plan;
    const measured = { stage: 'eval', model, questions, verifier, seed };
    const score = await (guide === undefined
      ? measure(run, shell, { ...measured, evaluation })
      : measureByBeams(run, shell, { ...measured, guide, together: searchedTogether(plan), place: plan.place }));
    const summary = { command: 'eval', ...score };
    await run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
    done(shell, summary);
  } finally {
    await model.close();
  }
}

function done(shell: Shell, score: Score): void {
  shell.tell('done', { ...score }, showScore(score));
}
