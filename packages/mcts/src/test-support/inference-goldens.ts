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

/** Scores to come as TreeQuest's AB-MCTS-M believes in them: its own model, sampled by NUTS. */
export interface MixedGolden {
  readonly source: string;
  readonly function: 'mixedModel';
  /** A list a child. */
  readonly scores: readonly (readonly number[])[];
  /** Every child and a new one: its draws' mean, deviation and quantiles (5, 25, 50, 75, 95 %), how many draws they are worth, and how often its was the largest. */
  readonly options: readonly {
    readonly option: number | 'new';
    readonly mean: number;
    readonly deviation: number;
    readonly quantiles: readonly number[];
    readonly ess: number;
    readonly chosen: number;
  }[];
}

type Golden = FilterGolden | BranchingGolden | MixedGolden;

const all: readonly Golden[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'golden', 'inference.json'), 'utf8'),
);

const of = <Name extends Golden['function']>(name: Name): readonly Extract<Golden, { function: Name }>[] =>
  all.filter((golden) => golden.function === name) as never;

/** its_hub's runs. */
export const filterGoldens: readonly FilterGolden[] = of('particleFilter');

/** TreeQuest's. */
export const branchingGoldens: readonly BranchingGolden[] = of('abMcts');
export const mixedGoldens: readonly MixedGolden[] = of('mixedModel');
