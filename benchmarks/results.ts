/** Where the benchmarks' figures go, and what they were measured on. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The machine that measures; `pnpm bench --compare` compares figures of one kind of CPU alone. */
export const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version } as const;

const place = (name: string): URL => new URL(`results/${name}.json`, import.meta.url);

/** The figures of earlier runs: `{}` where there are none. */
export const readResults = (name: string): Readonly<Record<string, unknown>> =>
  existsSync(place(name)) ? JSON.parse(readFileSync(place(name), 'utf8')) : {};

/** The cases of earlier runs, by name. */
export const earlier = (name: string): object => (readResults(name).results ?? {}) as object;

/** Writes `benchmarks/results/NAME.json`. */
export const writeResults = (name: string, record: object): void =>
  writeFileSync(place(name), `${JSON.stringify(record, null, 1)}\n`);
