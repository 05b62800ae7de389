import { dvoSearch, search, type Tree } from '@svo/mcts';
import { plantedTree } from '@svo/policy/testing';
import type { SearchJob } from '../job.ts';

const planted = plantedTree({ seed: 3, branching: 3, depth: 4, minDepth: 2 });

/** A job on a tree with known values: its question of that number. */
export const plantedJob = (index: number): SearchJob => ({
  checkpoint: 'planted',
  question: planted.question(index),
  settings: { iterations: 12, breadth: 3 },
  seed: 5,
});

/** The first so many of them. */
export const plantedJobs = (count: number): SearchJob[] =>
  Array.from({ length: count }, (_, index) => plantedJob(index));

/** The search a worker does: a pure function of its job. */
export const searchPlanted = ({ question, settings, seed }: SearchJob): Promise<Tree> =>
  search({ question, seed, policy: planted.policy, rules: dvoSearch({ verifier: planted.verifier, ...settings }) });
