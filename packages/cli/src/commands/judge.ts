import { createInterface } from 'node:readline';
import { type Row, writeRows } from '@svo/data';
import { judgeCode } from '../code/judge-code.ts';
import { UsageError } from '../errors.ts';
import { openTask } from '../models/open-task.ts';
import { openVerifier } from '../models/open-verifier.ts';
import { type JudgePlan, judgePlanOf } from '../plans/judge-plan.ts';
import { serveJudge } from '../serving/serve-judge.ts';
import { openShell, type Shell } from '../shell/shell.ts';
import { type JudgedRow, judgeRow } from '../stages/judging.ts';
import { readAll } from '../stages/read-data.ts';
import { type Command, defineCommand } from './command.ts';

export const judgeCommand: Command = defineCommand({
  name: 'judge',
  summary: 'rows with an answer and a response in, the same rows with verdicts out; --serve answers HTTP',
  examples: [
    'svo judge responses.jsonl --verifier math --out verdicts.jsonl',
    'cat responses.jsonl | svo judge --verifier gsm8k > verdicts.jsonl',
    'svo judge --serve --port 8300 --verifier math',
  ],
  keys: ['data', 'task', 'verifier', 'columns', 'out', 'serve'],
  plan: judgePlanOf,
  code: judgeCode,
  estimate: async (plan) => {
    if (plan.serve !== undefined) return { lines: ['HTTP would be answered'], record: { serve: plan.serve } };
    const rows = plan.data === undefined ? undefined : await count(readAll(plan.data));
    return { lines: [rows === undefined ? 'rows of the standard input' : `${rows} rows`], record: { rows } };
  },
  run: (plan, shell) => (plan.serve === undefined ? runJudge(plan, shell) : runServe(plan, shell)),
});

async function runJudge({ data, out, verifier: name, columns, task: named }: JudgePlan, shell: Shell): Promise<void> {
  const verifier = await openVerifier(name);
  const task = named === undefined ? undefined : await openTask(named);
  const counts = { rows: 0, right: 0, wrong: 0, undecided: 0 };
  async function* judged(): AsyncGenerator<JudgedRow> {
    for await (const row of data === undefined ? linesOf(shell.streams.stdin) : readAll(data)) {
      shell.signal.throwIfAborted();
      const verdict = judgeRow(row, verifier, columns, task);
      counts.rows++;
      counts[verdict.correct === null ? 'undecided' : verdict.correct ? 'right' : 'wrong']++;
      yield verdict;
    }
  }
  const { stdout, stderr } = shell.streams;
  if (out === undefined) for await (const row of judged()) await written(stdout, `${JSON.stringify(row)}\n`);
  else await writeRows(out, judged());
  // Where verdicts go to the standard output, what is said about them goes elsewhere.
  const said = out === undefined ? openShell({ ...shell.streams, stdout: stderr }, shell.signal) : shell;
  const { rows, right, wrong, undecided } = counts;
  const place = out === undefined ? '' : `\n  ${out}`;
  const text = `${rows} rows: ${right} right, ${wrong} wrong, ${undecided} undecided${place}`;
  said.tell('done', { command: 'judge', ...counts, ...(out !== undefined && { out }) }, text);
}

/** Answers until Ctrl-C or a terminating signal, which is how serving ends: what is under way is answered first. */
async function runServe({ serve, verifier, columns }: JudgePlan, shell: Shell): Promise<void> {
  const server = await serveJudge({ ...serve, verifier, columns });
  const { url } = server;
  shell.tell('listening', { url, verifier }, `${url}: POST /judge, POST /reward, GET /health  (Ctrl-C ends)`);
  await new Promise<void>((resolve) => {
    if (shell.signal.aborted) resolve();
    shell.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
  const { rows, right, wrong, undecided } = server.counts();
  const text = `${rows} rows: ${right} right, ${wrong} wrong, ${undecided} undecided`;
  shell.tell('done', { command: 'judge', ...server.counts() }, text);
}

/** Waits where a reader is slower than the judge. */
function written(stream: NodeJS.WritableStream, text: string): Promise<void> | undefined {
  if (stream.write(text)) return undefined;
  return new Promise((resolve) => stream.once('drain', resolve));
}

async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<Row> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === '') continue;
    yield rowOf(line, number);
  }
}

function rowOf(line: string, number: number): Row {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`standard input, line ${number}: must be JSON: ${(error as Error).message}`);
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row;
  throw new UsageError(`standard input, line ${number}: must be a record { … }, got ${line.slice(0, 40)}`);
}

async function count(rows: AsyncIterable<unknown>): Promise<number> {
  let all = 0;
  for await (const _ of rows) all++;
  return all;
}
