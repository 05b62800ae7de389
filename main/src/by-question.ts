/** Trajectories of one question together, questions in the order of their first one (`Map.groupBy`, which Node 20 lacks). */
export function byQuestion<T extends { readonly questionId: string }>(trajectories: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const trajectory of trajectories) {
    const group = groups.get(trajectory.questionId);
    if (group) group.push(trajectory);
    else groups.set(trajectory.questionId, [trajectory]);
  }
  return [...groups.values()];
}
