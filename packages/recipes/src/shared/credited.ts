import type { ValuedTrajectory } from '@svo/mdp';
import type { Material } from '../plan.ts';

/**
 * The trajectories of a material, each with a credit a step.
 *
 * @throws RangeError for one without: rows that hold an outcome alone teach whole responses, not steps
 */
export function credited(
  caller: string,
  { trajectories }: Pick<Material, 'trajectories'>,
): readonly ValuedTrajectory[] {
  const bare = trajectories.findIndex(({ steps, credits }) => steps.length !== credits.length);
  if (bare >= 0)
    throw new RangeError(
      `${caller}: trajectories[${bare}] must have ${trajectories[bare]!.steps.length} credits, one a step, got ${trajectories[bare]!.credits.length} (rows need the column q_credits, or values and reward; 'dqo', 'oreo', 'dro' and 'grpo' learn from the reward alone)`,
    );
  return trajectories;
}
