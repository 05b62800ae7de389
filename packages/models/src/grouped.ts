/**
 * Entries under a key each, keys in the order of their first entry: `Map.groupBy`, which Node 20 does not have.
 */
export const grouped = <K, T>(entries: Iterable<T>, keyOf: (entry: T) => K): ReadonlyMap<K, T[]> => {
  const groups = new Map<K, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
};
