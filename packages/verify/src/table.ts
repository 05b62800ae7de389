/** A lookup table without a prototype: `constructor` and `__proto__` are names like any other and are not in it. */
export const table = <T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.freeze(Object.assign(Object.create(null) as Record<string, T>, entries));
