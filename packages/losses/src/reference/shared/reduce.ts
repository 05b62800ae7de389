/** Masked rows as short lists of what is valid: the reference slices, where the tensor version selects. */
import { sum } from './numerics.ts';
import type { Matrix, Vector } from './types.ts';

/** A number of each array by its name; of an array that may be absent, perhaps none. */
export type Entry<Arrays> = {
  readonly [Name in keyof Arrays]: undefined extends Arrays[Name] ? number | undefined : number;
};

/** A valid slot: its column, and its number of every matrix; of a vector, its row's. */
export type Slot<Arrays> = Entry<Arrays> & { readonly t: number };

type Vectors = Readonly<Record<string, Vector | undefined>>;
type Matrices = Readonly<Record<string, Matrix | Vector | undefined>>;

/** Vectors of one length as a list of their entries. */
export function entries<Arrays extends Vectors>(arrays: Arrays): Entry<Arrays>[] {
  const named = Object.entries(arrays);
  const length = Math.max(0, ...named.map(([, array]) => array?.length ?? 0));
  return Array.from(
    { length },
    (_, i) => Object.fromEntries(named.map(([name, array]) => [name, array?.[i]])) as Entry<Arrays>,
  );
}

/** The valid slots of each row: where the mask is positive. */
export function slots<Arrays extends Matrices>(mask: Matrix, arrays: Arrays): Slot<Arrays>[][] {
  const named = Object.entries(arrays);
  const numberAt = (array: Matrix | Vector | undefined, i: number, t: number): number | undefined => {
    const row = array?.[i];
    return typeof row === 'object' ? row[t] : row;
  };
  const slotAt = (i: number, t: number) =>
    ({ ...Object.fromEntries(named.map(([name, array]) => [name, numberAt(array, i, t)])), t }) as Slot<Arrays>;
  return mask.map((row, i) => row.flatMap((valid, t) => (valid > 0 ? [slotAt(i, t)] : [])));
}

/** A mask that leaves nothing out. */
export const everywhere = (numbers: Matrix): number[][] => numbers.map((row) => row.map(() => 1));

/** What `numbers` makes of the valid slots of each row, one a slot, in their columns; 0 in masked ones. */
export function byRow<Arrays extends Matrices>(
  mask: Matrix,
  arrays: Arrays,
  numbers: (row: readonly Slot<Arrays>[]) => readonly number[],
): number[][] {
  const rows = slots(mask, arrays).map((row) => {
    const made = numbers(row);
    return row.map(({ t }, k) => ({ t, number: made[k] ?? Number.NaN }));
  });
  return inColumns(mask, rows);
}

function inColumns(
  mask: Matrix,
  rows: readonly (readonly { readonly t: number; readonly number: number }[])[],
): number[][] {
  const columns = rows.map((row) => new Map(row.map(({ t, number }) => [t, number])));
  return mask.map((row, i) => row.map((_, t) => columns[i]?.get(t) ?? 0));
}

/** What `number` makes of each valid slot; 0 in masked ones. */
export const bySlot = <Arrays extends Matrices>(
  mask: Matrix,
  arrays: Arrays,
  number: (slot: Slot<Arrays>) => number,
): number[][] => byRow(mask, arrays, (row) => row.map(number));

/** The number of the next valid slot; 0 after the last. */
export const following = (mask: Matrix, numbers: Matrix): number[][] =>
  byRow(mask, { numbers }, (row) => row.map((_, k) => row[k + 1]?.numbers ?? 0));

/** A value a slot, with its derivative. */
export interface Term {
  readonly loss: number;
  readonly slope: number;
}

/** How terms are averaged; the names of the losses' `reduction` options. */
export type Averaging = 'row' | 'flat' | 'sum';

/** Averages the terms of the valid slots and puts the slopes back where they belong; 0 where nothing is valid. */
export function average<Arrays extends Matrices>(
  mask: Matrix,
  arrays: Arrays,
  { reduction, normalizer }: { readonly reduction: Averaging; readonly normalizer?: number | undefined },
  term: (slot: Slot<Arrays>) => Term,
): { value: number; slopes: number[][] } {
  const rows = slots(mask, arrays).map((row) => row.map((slot) => ({ t: slot.t, ...term(slot) })));
  const counted = reduction === 'flat' ? rows.flat().length : rows.filter((row) => row.length > 0).length;
  const n = normalizer ?? Math.max(counted, 1);
  const within = (row: { readonly length: number }): number => (reduction === 'row' ? Math.max(row.length, 1) : 1);
  return {
    value: sum(rows.map((row) => sum(row.map(({ loss }) => loss)) / within(row))) / n,
    slopes: inColumns(
      mask,
      rows.map((row) => row.map(({ t, slope }) => ({ t, number: slope / within(row) / n }))),
    ),
  };
}
