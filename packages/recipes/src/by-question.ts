import type { ValuedTrajectory } from '@svo/mdp';

/** Trajectories of one question together, in the order in which the questions first come. */
export function byQuestion(trajectories: readonly ValuedTrajectory[]): ValuedTrajectory[][] {
  const groups = new Map<string, ValuedTrajectory[]>();
  for (const trajectory of trajectories) {
    const group = groups.get(trajectory.questionId);
    if (group === undefined) groups.set(trajectory.questionId, [trajectory]);
    else group.push(trajectory);
  }
  return [...groups.values()];
}
