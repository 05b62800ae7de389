/** Training and test questions: the built-in chains, or the traces of a GSM8K-shaped file. Never one in both. */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRng, splitRng } from '@svo/mdp';
import { drawChain, type Worked } from './chains.ts';
import { OptionError } from './options.ts';
import { type Reason, readTrace } from './traces.ts';

/** What a run learns from and is judged on, and what became of every row that was read. */
export interface Dataset {
  readonly name: string;
  readonly train: readonly Worked[];
  readonly test: readonly Worked[];
  readonly rows: readonly RowCount[];
}

/** One file's account: rows read = used + the counts of every reason. */
export interface RowCount {
  readonly file: string;
  readonly read: number;
  readonly used: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

/** Seeded chains, unique by prompt across training and test, so that no test question is ever trained on. */
export function builtInDataset(seed: number, trainSize: number, testSize: number): Dataset {
  const rng = splitRng(createRng(seed), 'chains');
  const seen = new Set<string>();
  const draw = (split: string, size: number): Worked[] => {
    const drawn: Worked[] = [];
    for (let i = 0; drawn.length < size; i++) {
      const worked = drawChain(splitRng(splitRng(rng, split), i), `${split}-${drawn.length}`);
      if (seen.has(worked.question.prompt)) continue;
      seen.add(worked.question.prompt);
      drawn.push(worked);
    }
    return drawn;
  };
  const test = draw('test', testSize);
  return { name: 'arithmetic chains', test, train: draw('train', trainSize), rows: [] };
}

/**
 * Traces of `FILE.jsonl`; the test questions come from its neighbour with `test` for `train` in the name.
 *
 * @throws OptionError when either file is missing or holds no usable row
 */
export async function traceDataset(file: string): Promise<Dataset> {
  const testFile = file.replace(/train(?=[^/\\]*$)/, 'test');
  if (testFile === file)
    throw new OptionError(`--data: got '${file}', expected a file named …train….jsonl with its …test….jsonl beside it`);
  for (const path of [file, testFile]) {
    if (!existsSync(path)) throw new OptionError(`--data: no file '${path}'`);
  }
  const seen = new Set<string>();
  const test = await readTraces(testFile, 'test', seen);
  const train = await readTraces(file, 'train', seen);
  return { name: 'GSM8K traces', train: train.worked, test: test.worked, rows: [train.count, test.count] };
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
