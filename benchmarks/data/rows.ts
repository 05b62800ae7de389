/**
 * Rows on disk and batches from them, at the size of one round: 30,000 stepwise rows written and read as JSONL and Parquet
 * (peer: Python's json and pyarrow, `peer.py` beside this file, on the same files), and what order, padding, packing and the
 * reference cache cost.
 *
 *   node --conditions=@svo/source benchmarks/data/rows.ts [python]
 *
 * With the path of a Python that has pyarrow the peers are measured in the same run. Times are of the processor, all threads
 * together, beside those of the clock: on a machine with other work the clock tells about that.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  batches,
  batchOrder,
  packExamples,
  readRows,
  referenceCache,
  rowSchemas,
  tokenizeTrajectory,
  toTrlRow,
  writeRows,
} from '@svo/data';
import { createRng, integer, stepCredits, uniforms } from '@svo/mdp';
import { machine, writeResults } from '../results.ts';

const COUNT = 30_000;
const REPEATS = 5;
const folder = mkdtempSync(`${tmpdir()}/svo-benchmark-`);
const files = { jsonl: `${folder}/rows.jsonl`, parquet: `${folder}/rows.parquet` };

/** Trajectories of GSM8K's size: 2 to 8 steps of about 62 characters. */
let rng = createRng(1);
const draw = (bound: number): number => {
  const [value, next] = integer(rng, bound);
  rng = next;
  return value;
};
const trajectories = Array.from({ length: COUNT }, (_, index) => {
  const steps = Array.from(
    { length: 2 + draw(7) },
    () => `She has ${draw(99)} + ${draw(99)} = ${draw(198)} of them ${'and then '.repeat(1 + draw(5))}so.\n\n`,
  );
  const values = [...uniforms(createRng(index), steps.length), 0];
  const rewards = steps.map((_, t) => (t === steps.length - 1 ? 1 : 0));
  return {
    questionId: `q${index % 7473}`,
    prompt: `Question ${index}?\n`,
    steps,
    reward: 1,
    values,
    credits: stepCredits(rewards, values),
  };
});

interface Timing {
  readonly median: number;
  readonly spread: readonly [number, number];
}

interface Times {
  readonly processor: Timing;
  readonly clock: Timing;
}

const summary = (times: readonly number[]): Timing => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (index: number): number => Number(sorted[index]!.toFixed(1));
  return { median: at(sorted.length >> 1), spread: [at(0), at(sorted.length - 1)] };
};

const time = async (work: () => unknown, repeats = REPEATS): Promise<Times> => {
  const processor: number[] = [];
  const clock: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = performance.now();
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1000);
    clock.push(performance.now() - start);
  }
  return { processor: summary(processor), clock: summary(clock) };
};

const results: Record<string, unknown>[] = [];
const record = (row: Record<string, unknown>): void => {
  results.push(row);
  console.log(JSON.stringify(row));
};

const count = async (path: string, checked: boolean): Promise<number> => {
  let rows = 0;
  for await (const _ of readRows(path, checked ? { schema: rowSchemas.stepwise } : {})) rows++;
  return rows;
};

const rows = trajectories.map((trajectory) => ({ ...toTrlRow(trajectory) }));
for (const [format, path] of Object.entries(files)) {
  record({
    what: `write ${format}`,
    count: COUNT,
    milliseconds: await time(() => writeRows(path, rows)),
    megabytes: Math.round(statSync(path).size / 1e6),
  });
  record({ what: `read ${format}`, count: COUNT, milliseconds: await time(() => count(path, false)) });
  record({ what: `read and check ${format}`, count: COUNT, milliseconds: await time(() => count(path, true)) });
}
const [python] = process.argv.slice(2);
if (python !== undefined) {
  const peers = execFileSync(
    python,
    [fileURLToPath(new URL('./peer.py', import.meta.url)), files.jsonl, files.parquet, String(REPEATS)],
    { encoding: 'utf8' },
  );
  for (const line of peers.trim().split('\n')) {
    const { processor, clock, ...rest } = JSON.parse(line);
    record({ ...rest, count: COUNT, milliseconds: { processor: summary(processor), clock: summary(clock) } });
  }
}

const bytes = {
  encode: (text: string) => [...Buffer.from(text)],
  decode: (ids: readonly number[]) => Buffer.from(ids).toString(),
  padId: 256,
  eosId: 257,
};
const some = trajectories.slice(0, 10_000);
record({
  what: 'tokenizeTrajectory (bytes)',
  count: some.length,
  milliseconds: await time(() => some.map((trajectory) => tokenizeTrajectory(trajectory, bytes)).length),
});
const examples = some.map((trajectory) => tokenizeTrajectory(trajectory, bytes));
const options = { batchSize: 16, seed: 1, padId: 256, multipleOf: 4 };
const real = examples.reduce((sum, { ids }) => sum + ids.length, 0);
for (const window of [1, 16]) {
  let padded = 0;
  const milliseconds = await time(() => {
    padded = 0;
    for (const { ids } of batches(examples, { ...options, window })) padded += ids.data.length;
  });
  record({
    what: `batches of 16, window ${window}`,
    count: examples.length,
    milliseconds,
    paddingFraction: Number((1 - real / padded).toFixed(4)),
  });
}
let packed = 0;
const packing = await time(() => {
  packed = packExamples(examples, { padId: 256, length: 1024 }).ids.data.length;
});
record({
  what: 'packExamples, T 1024',
  count: examples.length,
  milliseconds: packing,
  paddingFraction: Number((1 - real / packed).toFixed(4)),
});

const lengths = Array<number>(1_000_000).fill(100);
const order = { batchSize: 32, seed: 1 };
const { cursor } = [...batchOrder(lengths, order)].at(-2)!;
record({
  what: 'resume at the end of an epoch of 1,000,000 examples',
  count: 1,
  milliseconds: await time(() => [...batchOrder(lengths, { ...order, cursor })].length),
});

const cacheFolder = `${folder}/cache`;
const compute = async (missing: readonly { credits: readonly number[] }[]) =>
  missing.map(({ credits }) => credits.map((_, step) => -step - 0.5));
const filled = await time(
  async () => (await referenceCache(cacheFolder, { weights: 'w' })).fill(examples, compute, { batchSize: 256 }),
  1,
);
record({ what: 'referenceCache, all missing', count: examples.length, milliseconds: filled });
record({
  what: 'referenceCache, opened and all known',
  count: examples.length,
  milliseconds: await time(async () => (await referenceCache(cacheFolder, { weights: 'w' })).fill(examples, compute)),
});

rmSync(folder, { recursive: true });
const report = {
  topic: 'data',
  date: new Date().toISOString().slice(0, 10),
  machine: { ...machine, note: 'shared with other work while measuring' },
  repeats: REPEATS,
  results,
};
writeResults('data', report);
