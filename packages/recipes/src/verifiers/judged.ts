import type { JudgedTrajectory, Material } from '../plan.ts';

/** A solution and what is known of it. */
export type Judged = Pick<
  JudgedTrajectory,
  'questionId' | 'prompt' | 'steps' | 'reward' | 'values' | 'labels' | 'draws'
>;

/** The material's trajectories, and its labelled completions as solutions of one step. Completions that nobody labelled say nothing of their worth. */
export function answered({ trajectories, completions = [] }: Pick<Material, 'trajectories' | 'completions'>): Judged[] {
  const written = completions
    .filter(({ label }) => label !== undefined)
    .map(({ questionId, prompt, completion, label }) => ({
      ...{ questionId, prompt, steps: [completion], reward: label ? 1 : -1, values: [] },
    }));
  return [...trajectories, ...written];
}
