import { isRowOf, type Term } from '../term.ts';
import { binary, type Numbers, ternary, unary } from './elements.ts';
import type { HostOperation } from './lower.ts';
import { byRow, dot, logSumSlopes, recurrences, scaleRows, total } from './rows.ts';

/** One step: reads and writes the numbers that lie in numbered places. */
export type Instruction = (at: readonly Numbers[], columns: number) => void;

/** The loop for a term whose result is to lie in place `out`, its operands in `places`. */
export function stepOf(value: Term, out: number, places: readonly number[]): Instruction {
  const operation = value.operation as HostOperation;
  const { number = 0 } = value.detail;
  const [a, b, c] = places as [number, number, number];
  const [p, q, r] = value.operands.map(({ shape }) => (shape === '' ? 0 : 1)) as [number, number, number];
  if (operation === 'sum') return (at) => total(at[out]!, at[a]!);
  if (operation === 'dot') return (at) => dot(at[out]!, at[a]!, at[b]!);
  if (operation === 'mul' && value.operands.some(({ shape }) => isRowOf(shape, value.shape))) {
    const [matrix, row] = value.operands[0]!.shape === value.shape ? [a, b] : [b, a];
    return (at, columns) => scaleRows(at[out]!, at[matrix]!, at[row]!, columns);
  }
  if (operation === 'logSumSlopes') return (at, columns) => logSumSlopes(at[out]!, at[a]!, at[b]!, at[c]!, columns);
  const along = recurrences[operation];
  if (along !== undefined) return (at, columns) => along(at[out]!, at[a]!, at[b]!, columns, number);
  const rows = byRow[operation];
  if (rows !== undefined) return (at, columns) => rows(at[out]!, at[a]!, columns);
  const three = ternary[operation];
  if (three !== undefined) return (at) => three(at[out]!, at[a]!, p, at[b]!, q, at[c]!, r);
  const two = binary[operation];
  if (two !== undefined) return (at) => two(at[out]!, at[a]!, p, at[b]!, q);
  const one = unary[operation]!;
  return (at) => one(at[out]!, at[a]!, number);
}
