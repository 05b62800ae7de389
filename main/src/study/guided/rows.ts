/** Rows of the guided search on disk. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A way to an answer on one data seed: how many it got right, and what a question cost. */
export interface GuidedRow {
  readonly search: string;
  readonly seed: number;
  readonly right: number;
  readonly of: number;
  /** Steps drawn for a question, the mean. */
  readonly steps: number;
}

/** Where they are kept. */
export const guidedFile = join(import.meta.dirname, '../../../../benchmarks/results/guided-search.jsonl');

export const readGuided = (file: string = guidedFile): readonly GuidedRow[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as GuidedRow)
    : [];
