/** How many formulas one loss keeps: a schedule that changes an option each step must not fill the memory. */
const LIMIT = 16;

/** Makes a thing once for each key, and forgets the one made longest ago when there are too many. */
export function remembered<T>(): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make();
    if (known.size >= LIMIT) known.delete(known.keys().next().value!);
    known.set(key, made);
    return made;
  };
}
