/** Every method side by side, and what DVO gains over each. */
import type { Cell, Method, Row } from '../../cell.ts';
import { baseCell, cellOf, methods, openEnds } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { open, show, signed, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, difference } from '../scores.ts';

export function methodsTable(rows: readonly Row[]): string {
  const given = (method: Method, values: Cell['values']): Partial<Cell> =>
    shared(method === 'base' ? baseCell(0) : cellOf(method, 0, 0, { values }));
  const row = (method: Method): string[] => {
    const cells = (['prefix', 'search'] as const).flatMap((values) =>
      (['greedy', 'sampled'] as const).map((decoding) => show(accuracy(rows, given(method, values), decoding))),
    );
    return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
  };
  return table(
    ['', 'draws: greedy', 'draws: sampled', 'trees: greedy', 'trees: sampled'],
    (['base', ...methods] as const).map(row),
  );
}

/** Every row of it was worked out with the ends of steps unscored; with them scored DVO has a table of its own. */
const one = 'dvo-open-ends';

export function differencesTable(rows: readonly Row[]): string {
  const other = methods.filter((method) => method !== one && !(method in openEnds));
  return table(
    [`${methodLabels[one]}, against`, 'draws: greedy', 'draws: sampled', 'trees: greedy', 'trees: sampled'],
    other.map((method) => {
      const cells = (['prefix', 'search'] as const).flatMap((values) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          signed(
            difference(
              rows,
              [shared(cellOf(one, 0, 0, { values })), shared(cellOf(method, 0, 0, { values }))],
              decoding,
            ),
          ),
        ),
      );
      return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
    }),
  );
}
