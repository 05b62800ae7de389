/** Trajectories, or trees, of one question together, in the order in which the questions first come. */
export function byQuestion<Row extends { readonly questionId: string }>(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.questionId);
    if (group === undefined) groups.set(row.questionId, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
