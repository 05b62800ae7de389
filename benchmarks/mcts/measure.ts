/** What the search benchmarks share: medians, the machine, and where results go. */
import { loadavg, totalmem } from 'node:os';
import { machine, readResults, writeResults } from '../results.ts';

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
  const here = {
    ...machine,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAverage: Number(loadavg()[0]!.toFixed(1)),
  };
  const own = { date: new Date().toISOString().slice(0, 10), machine: here, ...(results as object) };
  writeResults('mcts', { ...readResults('mcts'), [topic]: own });
  console.log(JSON.stringify(results, undefined, 2));
}
