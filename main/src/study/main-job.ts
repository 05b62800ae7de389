/** What runs of the main job came to, as benchmarks/results/main-job.json keeps it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Answers right. */
export interface Rights {
  readonly greedy: number;
  readonly sampled: number;
}

export interface MainJobRun {
  readonly seed: number;
  readonly backend: string;
  /** Unseen questions. */
  readonly of: number;
  readonly gate: {
    readonly plain: number;
    readonly merged: number;
    readonly passed: boolean;
    readonly updates: number;
  };
  readonly base: Rights;
  /** By the objective's name in camel case. */
  readonly draws: Readonly<Record<string, Rights>>;
  readonly trees: Readonly<Record<string, Rights>>;
}

export const mainJobFile: string = join(import.meta.dirname, '../../../benchmarks/results/main-job.json');

export const readMainJob = (): readonly MainJobRun[] => JSON.parse(readFileSync(mainJobFile, 'utf8'));
