/** Every method side by side, and what DVO gains over each. */
import type { Cell, Method, Row } from '../../cell.ts';
import { baseCell, cellOf, methods } from '../../parts.ts';
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

export function differencesTable(rows: readonly Row[]): string {
  const other = methods.filter((method) => method !== 'dvo');
  return table(
    ['DVO, step by step, against', 'draws: greedy', 'draws: sampled', 'trees: greedy', 'trees: sampled'],
    other.map((method) => {
      const cells = (['prefix', 'search'] as const).flatMap((values) =>
        (['greedy', 'sampled'] as const).map((decoding) =>
          signed(
            difference(
              rows,
              [shared(cellOf('dvo', 0, 0, { values })), shared(cellOf(method, 0, 0, { values }))],
              decoding,
            ),
          ),
        ),
      );
      return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
    }),
  );
}
