import { columnsOf, idOf } from './row-text.ts';
import type { TaskRow } from './task.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * A row of numbers and a target as a question, `4 6 8 8 -> 24`: `nums` or `numbers` as a list of whole numbers, or `Puzzles` as text; `target`,
 * where the task has none of its own.
 *
 * @throws RangeError saying what the row lacks
 */
export function countdownRow(row: Row, usual?: number): TaskRow {
  const given = row.numbers ?? row.nums ?? row.Puzzles ?? row.puzzle;
  const list: unknown = typeof given === 'string' ? given.split(/[\s,]+/).filter((one) => one !== '') : given;
  const numbers = Array.isArray(list) ? list.map(Number) : [];
  if (numbers.length < 2 || numbers.length > 32 || !numbers.every(isCounted))
    throw new RangeError(
      `2 to 32 whole numbers were expected in column numbers, nums or Puzzles, got ${JSON.stringify(given)?.slice(0, 60) ?? `columns ${columnsOf(row)}`}`,
    );
  const target = row.target === undefined ? usual : Number(row.target);
  if (target === undefined || !isCounted(target))
    throw new RangeError(`a whole number was expected in column target, got ${JSON.stringify(row.target) ?? 'none'}`);
  const hand = numbers.join(' ');
  return { ...idOf(row), prompt: `${hand} -> ${target}`, answer: `${target} from ${hand}` };
}

const isCounted = (number: number): boolean => Number.isSafeInteger(number) && number >= 0 && number < 1e15;
