/** How much of the study there is, and what it took. */
import type { Row } from '../../cell.ts';
import { cellOf, parts } from '../../parts.ts';
import { before, type KeptRow } from '../../results.ts';
import { table } from '../markdown.ts';
import { shared } from '../plots.ts';
import { rowsOf } from '../scores.ts';
import { ofData } from '../split.ts';

export function extent(rows: readonly Row[]): string {
  const main = rowsOf(ofData(todays(rows)), shared(cellOf('dvo', 0, 0)));
  const seeds = new Set(main.map(({ cell }) => cell.seed));
  const twice = [...seeds].filter((seed) => main.filter(({ cell }) => cell.seed === seed).length > 1);
  const own = todays(rows);
  return `${own.length} cells of today’s arithmetic, ${Math.round(sumOf(own) / 60)} minutes of one core, and ${rows.length - own.length} older ones; ${seeds.size} data seeds in the main table, ${twice.length} of them trained twice.`;
}

/** Cells and processor time by part; the first cell on a bench pays for its base and its material. */
export const timeTable = (rows: readonly KeptRow[]): string =>
  table(
    ['`--parts`', 'cells', 'seconds of one core', 'a cell'],
    Object.keys(parts).map((name) => {
      const own = todays(rows).filter(({ part }) => part === name);
      const seconds = sumOf(own);
      return own.length === 0
        ? []
        : [`\`${name}\``, String(own.length), seconds.toFixed(0), (seconds / own.length).toFixed(1)];
    }),
  );

/** What older rows say of time is by the clock of a busy machine. */
const todays = <R extends Row>(rows: readonly R[]): R[] => rows.filter(({ bits }) => bits !== before);
const sumOf = (rows: readonly Row[]): number => rows.reduce((sum, { seconds }) => sum + seconds, 0);
