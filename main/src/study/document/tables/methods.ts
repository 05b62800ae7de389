/** Every method side by side, and what DVO gains over each. */
import type { Cell, Method, Row } from '../../cell.ts';
import { baseCell, cellOf, methods } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, show, signed, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy, difference } from '../scores.ts';

const columns = ['draws: greedy', 'draws: sampled', 'trees: greedy', 'trees: sampled'];
const sources = ['prefix', 'search'] as const;

export function methodsTable(rows: readonly Row[]): string {
  const given = (method: Method, values: Cell['values']): Partial<Cell> =>
    shared(method === 'base' ? baseCell(0) : cellOf(method, 0, 0, { values }));
  const row = (method: Method): string[] => {
    const cells = sources.flatMap((values) =>
      decodings.map((decoding) => show(accuracy(rows, given(method, values), decoding))),
    );
    return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
  };
  return table(['', ...columns], (['base', ...methods] as const).map(row));
}

export function differencesTable(rows: readonly Row[]): string {
  return table(
    [`${methodLabels.dvo}, against`, ...columns],
    methods
      .filter((method) => method !== 'dvo')
      .map((method) => {
        const cells = sources.flatMap((values) =>
          decodings.map((decoding) =>
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
