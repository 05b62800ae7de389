/** Masked rows as short lists of what is valid: the reference slices, where the tensor version selects. */
import { sum } from './numerics.ts';
import type { Matrix } from './types.ts';

/** The columns of each row where the mask is positive. */
export const validColumns = (mask: Matrix): number[][] => mask.map((row) => row.flatMap((m, t) => (m > 0 ? [t] : [])));

/** A value a slot, with its derivative. */
export interface Term {
  readonly loss: number;
  readonly slope: number;
}

/** How terms are averaged; the names of the losses' `reduction` options. */
export type Averaging = 'row' | 'flat' | 'sum';

/** Averages the terms of the valid slots and puts the slopes back where they belong; 0 where nothing is valid. */
export function average(
  columns: readonly (readonly number[])[],
  width: number,
  averaging: Averaging,
  normalizer: number | undefined,
  term: (row: number, position: number) => Term,
): { value: number; slopes: number[][] } {
  const flat = averaging === 'flat';
  const slots = sum(columns.map((row) => row.length));
  const rows = columns.filter((row) => row.length > 0).length;
  const n = normalizer ?? Math.max(flat ? slots : rows, 1);
  const slopes = columns.map(() => new Array<number>(width).fill(0));
  const rowTotals = columns.map((row, i) => {
    const within = averaging === 'row' ? row.length : 1;
    const terms = row.map((_, k) => term(i, k));
    row.forEach((t, k) => {
      slopes[i]![t] = terms[k]!.slope / within / n;
    });
    return row.length === 0 ? 0 : sum(terms.map(({ loss }) => loss)) / within;
  });
  return { value: sum(rowTotals) / n, slopes };
}
