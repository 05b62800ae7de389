import { showAccuracy } from '@svo/recipes';
import { runCode } from '../code/run-code.ts';
import { runEstimate } from '../estimate/run-estimate.ts';
import { type RunPlan, runPlanOf } from '../plans/run-plan.ts';
import { identityOf } from '../plans/there.ts';
import { startEngine } from '../shell/engine.ts';
import { files, openRun, type RunFolder } from '../shell/run-folder.ts';
import type { Shell } from '../shell/shell.ts';
import { diagnosesOf, diagnosisLines } from '../stages/diagnosis.ts';
import type { Score } from '../stages/evaluation.ts';
import { runRounds } from '../stages/rounds.ts';
import { type Command, defineCommand, type RunOptions } from './command.ts';

export const runCommand: Command = defineCommand({
  name: 'run',
  summary: 'search, value, train and measure, round after round, on one’s own questions',
  examples: [
    'svo run --model ./model --data train.jsonl --test test.jsonl --rounds 3',
    'svo run --model ./model --data obqa-train.jsonl --test obqa-test.jsonl --task obqa',
    'svo run --model ./model --policy http://127.0.0.1:8080 --data train.jsonl --objective dvo',
    'svo run --model tinker://127.0.0.1:8000/Qwen/Qwen3-0.6B --data train.jsonl --set server.tokenizer=./tokenizer',
  ],
  keys: [
    ...['model', 'policy', 'data', 'test', 'task', 'columns', 'prompt', 'format', 'verifier', 'objective', 'rounds'],
    ...['search', 'train', 'eval', 'server', 'seed', 'out', 'backend', 'threads'],
  ],
  plan: runPlanOf,
  code: runCode,
  estimate: runEstimate,
  run: runRun,
});

async function runRun(plan: RunPlan, shell: Shell, { resume }: RunOptions): Promise<void> {
  const { out, engine, there, server: _, ...rest } = plan;
  const run = await openRun(out, { command: 'run', ...rest, ...identityOf(there) }, resume);
  if (run.has(files.summary)) return done(shell, run, run.readJson(files.summary), there);
  await startEngine(engine, shell);
  const summary = { command: 'run', objective: plan.train.objective, ...(await runRounds(run, shell, plan)) };
  await run.write(files.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
  done(shell, run, summary, there);
}

function done(shell: Shell, run: RunFolder, summary: Readonly<Record<string, unknown>>, there: RunPlan['there']): void {
  const { base, rounds } = summary as {
    base?: Score;
    rounds: readonly { score?: Score; right: number; wrong: number }[];
  };
  const lines = rounds.map(({ score, right, wrong }, i) => {
    const measured = score === undefined ? '' : `; ${showAccuracy(score)}`;
    return `round ${i + 1}: ${right} right and ${wrong} wrong solutions${measured}`;
  });
  const before = base === undefined ? [] : [`base: ${showAccuracy(base)}`];
  const scores = [base, ...rounds.map(({ score }) => score)];
  const accuracies = scores.flatMap((score, i) =>
    score === undefined ? [] : [{ stage: i === 0 ? 'base' : `round-${i}`, accuracy: score.accuracy }],
  );
  const diagnoses = diagnosesOf(run, accuracies);
  const model = run.path(there ? files.adapter(files.model) : files.model);
  const text = [...before, ...lines, ...diagnosisLines(diagnoses), `  ${model}`].join('\n');
  shell.tell('done', { ...summary, diagnoses, model }, text);
}
