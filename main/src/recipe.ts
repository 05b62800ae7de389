/** Every number of the main job that is not an option, in one place. docs/log.md says how they were found. */
import type { Objective } from './options.ts';

export interface Recipe {
  readonly sft: {
    /** Worked solutions the base learns from. */
    readonly solutions: number;
    readonly updates: number;
    readonly batchSize: number;
    readonly learningRate: number;
  };
  readonly search: {
    readonly breadth: number;
    readonly depth: number;
    readonly temperature: number;
    readonly maxTokens: number;
  };
  /** Positive and negative trajectories a question, at the most. */
  readonly trajectories: number;
  readonly training: Readonly<Record<Objective, TrainingRecipe>>;
  /** Updates from one checkpoint to the next: what a `kill -9` can cost. */
  readonly updatesBetweenCheckpoints: number;
}

export interface TrainingRecipe {
  readonly beta: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Weight of an SFT term on the right trajectories beside the objective's own loss; 0 is the objective alone. */
  readonly sftWeight?: number;
}

export const recipe: Recipe = {
  sft: { solutions: 3000, updates: 600, batchSize: 24, learningRate: 3e-3 },
  search: { breadth: 5, depth: 8, temperature: 1, maxTokens: 16 },
  trajectories: 4,
  updatesBetweenCheckpoints: 100,
  training: {
    dvo: { beta: 0.3, epochs: 3, batchSize: 32, learningRate: 6e-4, sftWeight: 3 },
    rft: { beta: 0, epochs: 3, batchSize: 32, learningRate: 1e-3 },
    dpo: { beta: 0.1, epochs: 2, batchSize: 16, learningRate: 1e-4 },
    'step-dpo': { beta: 0.1, epochs: 2, batchSize: 16, learningRate: 1e-4 },
    kto: { beta: 0.1, epochs: 2, batchSize: 32, learningRate: 1e-4 },
    svpo: { beta: 0.1, epochs: 2, batchSize: 16, learningRate: 1e-4 },
    dqo: { beta: 0.03, epochs: 2, batchSize: 32, learningRate: 1e-4 },
  },
};
