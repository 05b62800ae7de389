/** A GSM8K-shaped file as a task: its own computation traces, with the test file beside it. */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { OptionError } from '../options.ts';
import { arithmeticTask } from './chains-task.ts';
import type { Task } from './task.ts';
import { type Reason, type RowCount, readTrace } from './traces.ts';
import type { Worked } from './worked.ts';

/**
 * Traces of `FILE.jsonl`; the test questions come from its neighbour with `test` for `train` in the name.
 *
 * @throws OptionError when either file is missing or holds no usable row
 */
export async function traceTask(file: string): Promise<Task> {
  const testFile = file.replace(/train(?=[^/\\]*$)/, 'test');
  if (testFile === file)
    throw new OptionError(`--data: got '${file}', expected a file named …train….jsonl with its …test….jsonl beside it`);
  for (const path of [file, testFile]) {
    if (!existsSync(path)) throw new OptionError(`--data: no file '${path}'`);
  }
  const seen = new Set<string>();
  const test = await readTraces(testFile, 'test', seen);
  const train = await readTraces(file, 'train', seen);
  return { ...arithmeticTask('GSM8K traces', train.worked, test.worked), rows: [train.count, test.count] };
}

async function readTraces(
  file: string,
  split: string,
  seen: Set<string>,
): Promise<{ worked: Worked[]; count: RowCount }> {
  const worked: Worked[] = [];
  const reasons: Partial<Record<Reason, number>> = {};
  let read = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const row = readTrace(line, `${split}-${read++}`);
    const repeated = 'worked' in row && seen.has(row.worked.question.prompt);
    if ('reason' in row || repeated) {
      const reason = 'reason' in row ? row.reason : 'a repetition of another row';
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      continue;
    }
    seen.add(row.worked.question.prompt);
    worked.push(row.worked);
  }
  if (worked.length === 0)
    throw new OptionError(`--data: '${file}' holds no usable row of ${read} (${JSON.stringify(reasons)})`);
  return { worked, count: { file: file.split(/[/\\]/).at(-1)!, read, used: worked.length, reasons } };
}
