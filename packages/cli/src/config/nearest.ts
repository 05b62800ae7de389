/** ` (did you mean 'train'?)`, where a known name is near enough to a mistyped one to be meant; nothing otherwise. */
export const meant = (name: string, known: readonly string[]): string => hint(nearest(name, known));

/** The same for a name that is found already. */
export const hint = (name: string | undefined): string => (name === undefined ? '' : ` (did you mean '${name}'?)`);

/** The known name that is nearest to a mistyped one, where one is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const far = Math.max(2, Math.floor(name.length / 3));
  const found = known
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= far && edits < candidate.length)
    .sort((a, b) => a.edits - b.edits)[0];
  return found?.candidate;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
