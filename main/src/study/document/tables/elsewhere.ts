import type { Cell, Row } from '../../cell.ts';
import { baseCell, cellOf, chainsCell, elsewhereMethods, roundsChange } from '../../parts.ts';
import { methodLabels } from '../labels.ts';
import { decodings, open, show, table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { accuracy } from '../scores.ts';

type Place = (method: (typeof elsewhereMethods)[number] | 'base') => Cell;

const at =
  (change: Partial<Cell>): Place =>
  (method) =>
    method === 'base' ? baseCell(0, change) : cellOf(method, 0, 0, change);

const lines = (rows: readonly Row[], place: Place): string[][] =>
  (['base', ...elsewhereMethods] as const).map((method) => {
    const cells = decodings.map((decoding) => show(accuracy(rows, shared(place(method)), decoding)));
    return cells.every((cell) => cell === open) ? [] : [methodLabels[method], ...cells];
  });

/** Two places beside each other, by method. */
function beside(rows: readonly Row[], places: readonly (readonly [label: string, place: Place])[]): string {
  const all = places.map(([, place]) => lines(rows, place));
  return table(
    ['', ...places.flatMap(([label]) => [`${label}: greedy`, `${label}: sampled`])],
    all[0]!.map((_, row) => {
      const found = all.map((table) => table[row]!);
      const label = found.find((cells) => cells.length > 0)?.[0];
      return label === undefined
        ? []
        : [label, ...found.flatMap((cells) => (cells.length > 0 ? cells.slice(1) : [open, open]))];
    }),
  );
}

export const roundsTable = (rows: readonly Row[]): string =>
  beside(rows, [
    ['one round', at(roundsChange(1))],
    ['three rounds', at(roundsChange(3))],
  ]);

export const baseTable = (rows: readonly Row[]): string =>
  beside(rows, [
    ['stopped by its gate', at({})],
    ['trained on', at({ base: 'longer' })],
  ]);

export const chainsTable = (rows: readonly Row[]): string =>
  beside(rows, [
    ['chains', (method) => (method === 'base' ? baseCell(0, { task: 'chains' }) : chainsCell(method, 0, 0))],
  ]);
