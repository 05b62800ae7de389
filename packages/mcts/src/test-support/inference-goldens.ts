/** What its_hub and TreeQuest did on recorded random streams (golden/inference.py ran them). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A run of its_hub's particle filter. */
export interface FilterGolden {
  readonly source: string;
  readonly function: 'particleFilter';
  readonly options: {
    readonly resampling_method?: 'systematic';
    readonly does_entropic_annealing?: true;
    readonly temperature_method?: 'entropy';
    readonly ess_threshold?: number;
    readonly early_phase?: number;
  };
  readonly particles: number;
  readonly depth: number;
  /** A row a round: the steps of the particles that still go, in order. */
  readonly steps: readonly (readonly string[])[];
  readonly scores: Readonly<Record<string, number>>;
  /** A list a round: what its resampling read. */
  readonly uniforms: readonly (readonly number[])[];
  readonly responses: readonly string[];
  readonly logWeights: readonly number[];
  readonly best: string;
}

/** A run of TreeQuest's AB-MCTS-A. */
export interface BranchingGolden {
  readonly source: string;
  readonly function: 'abMcts';
  readonly options: { readonly dist: 'gaussian' | 'beta' };
  readonly iterations: number;
  readonly parallel: number;
  /** Of the nodes in the order in which they were drawn. */
  readonly scores: readonly number[];
  /** The node each is a child of, −1 for the root. */
  readonly parents: readonly number[];
  /** The standard numbers under its draws: a gamma beside its shape, or a normal one. */
  readonly noise: readonly (readonly [shape: number | 'normal', value: number])[];
}

const all: readonly (FilterGolden | BranchingGolden)[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'golden', 'inference.json'), 'utf8'),
);

const isFilter = (golden: FilterGolden | BranchingGolden): golden is FilterGolden =>
  golden.function === 'particleFilter';

/** its_hub's runs. */
export const filterGoldens: readonly FilterGolden[] = all.filter(isFilter);

/** TreeQuest's. */
export const branchingGoldens: readonly BranchingGolden[] = all.filter((golden) => !isFilter(golden)) as never;
