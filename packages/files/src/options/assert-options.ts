/**
 * Refuses options nobody reads: `{ betta: 5 }` is a mistake, and a default in its place would be a silent one. Types say so
 * to who writes TypeScript; this says so at run time to everybody.
 *
 * @param caller - the function whose options these are, for the message
 * @param options - what the caller gave
 * @param known - the names that are read
 * @throws RangeError naming the function, every unknown option, and the closest known name or all of them
 * @example
 * ```ts
 * import { assertOptions } from '@svo/files';
 * assertOptions('dvoLoss', { beta: 0.1 }, ['beta', 'scale']); // => undefined
 * ```
 */
export function assertOptions(caller: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const said = unknown.map((name) => {
    const meant = known.find((candidate) => alike(name, candidate));
    return meant === undefined ? `'${name}'` : `'${name}' (did you mean '${meant}'?)`;
  });
  throw new RangeError(`${caller}: unknown option ${said.join(', ')}; expected ${known.join(', ') || 'none'}`);
}

/** Whether one name becomes the other by at most two edits, or differs in case alone. */
function alike(a: string, b: string): boolean {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1]?.toLowerCase() === b[j - 1]?.toLowerCase();
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]! <= 2;
}
