/** Answers of the untrained base, found by search under a verifier of its own trees. */
import { readGuided } from '../../guided/rows.ts';
import { table } from '../markdown.ts';

export function guidedTable(): string {
  const rows = readGuided();
  const names = [...new Set(rows.map(({ search }) => search))];
  return table(
    ['', 'right, %', 'steps drawn a question', 'data seeds'],
    names.map((name) => {
      const own = rows.filter(({ search }) => search === name);
      const mean = (of: (row: (typeof own)[number]) => number): string =>
        (own.reduce((sum, row) => sum + of(row), 0) / own.length).toFixed(1);
      return [name, mean(({ right, of }) => (100 * right) / of), mean(({ steps }) => steps), String(own.length)];
    }),
  );
}
