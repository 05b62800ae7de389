import type { Example } from '@svo/data';
import type { Settings } from '../plan.ts';

/** Rows all of whose sides have at most `maxLength` tokens, and how many had more. */
export function fitting<Row>(
  rows: readonly Row[],
  sides: (row: Row) => readonly Example[],
  { maxLength = Number.POSITIVE_INFINITY }: Pick<Settings, 'maxLength'>,
): { readonly kept: readonly Row[]; readonly dropped: number } {
  const kept = rows.filter((row) => sides(row).every(({ ids }) => ids.length <= maxLength));
  return { kept, dropped: rows.length - kept.length };
}
