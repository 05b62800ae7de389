/** What the search benchmarks share: medians, the machine, and where results go. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

/** Median and spread of some runs. */
export interface Measured {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly runs: number;
}

/** Median, lowest and highest, to four digits. */
export function measured(numbers: readonly number[]): Measured {
  const sorted = numbers.toSorted((a, b) => a - b);
  const digits = (x: number): number => Number(x.toPrecision(4));
  const middle = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return { median: digits(middle), lowest: digits(sorted[0]!), highest: digits(sorted.at(-1)!), runs: sorted.length };
}

/** Writes one topic's results beside those of the other topics of search. */
export function record(topic: string, results: unknown): void {
  const folder = join(import.meta.dirname, '..', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'mcts.json');
  let all: Record<string, unknown> = {};
  try {
    all = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The first topic starts the file.
  }
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverage: Number(loadavg()[0]!.toFixed(1)),
  };
  all[topic] = { date: new Date().toISOString().slice(0, 10), machine, ...(results as object) };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  console.log(JSON.stringify(results, undefined, 2));
}
