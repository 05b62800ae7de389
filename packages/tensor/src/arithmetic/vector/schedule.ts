import * as op from './opcodes.ts';
import { CONSTANT, type Value } from './record.ts';

/** Bytes a scalar takes: as much as the machine writes at a time. */
export const SCALAR_BYTES = 64;
/** 32-bit words of an instruction. */
export const WORDS = 8;
/** Numbers of an array the machine works on at a time: a few such blocks fit the nearest cache. */
const BLOCK = 1024;

/** Instructions to run over the same rows, and how many rows at a time. */
export interface Pass {
  readonly code: readonly number[];
  readonly rows: number;
  readonly blockRows: number;
  /** Bytes of slots in use. */
  readonly bytes: number;
}

/** Where values live: scalars one after the other, arrays in slots that are used again. */
export interface Layout {
  readonly scalars: number;
  readonly slots: number;
  readonly columns: number;
}

/**
 * Orders a record into passes over the rows. A sum over everything ends a pass, since what needs it has to wait for the last row;
 * arrays that both sides need are computed again rather than kept. What no result needs is left out.
 *
 * @param values - the record, operands first
 * @param result - the scalar wanted besides what is stored
 */
export function schedule(values: readonly Value[], result: Value, layout: Layout): readonly Pass[] {
  const live = liveValues(values, result);
  const passes: Pass[] = [];
  const stages = live.reduce((most, value) => Math.max(most, value.stage + 1), 0);
  for (let stage = 0; stage < stages; stage++) {
    const now = live.filter((value) => value.stage === stage);
    const scalars = now.filter((value) => value.rank === 0 && value.op !== CONSTANT && value.op !== op.DOT);
    if (scalars.length > 0) passes.push(scalarPass(scalars, layout));
    const roots = now.filter((value) => value.op === op.DOT || value.op === op.STORE);
    for (const rows of new Set(roots.map((root) => root.rows)))
      passes.push(arrayPass(live, new Set(roots.filter((root) => root.rows === rows)), rows, layout));
  }
  return passes;
}

/** Values some result needs, in order. */
function liveValues(values: readonly Value[], result: Value): readonly Value[] {
  const live = new Set([result]);
  for (const value of values.toReversed())
    if (value.op === op.STORE || live.has(value)) for (const each of [value, ...value.operands]) live.add(each);
  return values.filter((value) => live.has(value));
}

function scalarPass(values: readonly Value[], { scalars }: Layout): Pass {
  const code = values.flatMap((value) => instruction(value, (each) => scalars + each.id * SCALAR_BYTES));
  return { code, rows: 1, blockRows: 1, bytes: 0 };
}

/** Everything `roots` need, in order, and they themselves. */
function arrayPass(live: readonly Value[], roots: ReadonlySet<Value>, rows: number, layout: Layout): Pass {
  const lastUse = lastUses(live, roots);
  const matrices = [...lastUse.keys(), ...roots].some((value) => value.rank === 2);
  const columns = matrices ? Math.max(1, layout.columns) : 1;
  const blockRows = Math.max(1, Math.floor(BLOCK / columns));
  const slotBytes = (blockRows * columns * 8 + 63) & ~63;
  const slots = new Map<Value, number>();
  const free: number[] = [];
  let used = 0;
  const address = (value: Value): number =>
    slots.has(value) ? layout.slots + slots.get(value)! * slotBytes : layout.scalars + value.id * SCALAR_BYTES;
  const code = live.flatMap((value) => {
    if (lastUse.has(value)) slots.set(value, free.pop() ?? used++);
    else if (!roots.has(value)) return [];
    const words = instruction(value, address);
    for (const operand of new Set(value.operands)) if (lastUse.get(operand) === value) free.push(slots.get(operand)!);
    return words;
  });
  return { code, rows, blockRows, bytes: used * slotBytes };
}

/** For each array `roots` need, the value that is the last to read it. */
function lastUses(live: readonly Value[], roots: ReadonlySet<Value>): ReadonlyMap<Value, Value> {
  const lastUse = new Map<Value, Value>();
  for (const value of live.toReversed())
    if (roots.has(value) || lastUse.has(value))
      for (const operand of value.operands) if (operand.rank > 0 && !lastUse.has(operand)) lastUse.set(operand, value);
  return lastUse;
}

/** Operation, 1 for a matrix, dst, a, b, c, the bytes each operand advances by for two numbers, and nothing. */
function instruction(value: Value, address: (value: Value) => number): number[] {
  const [a, b, c] = value.operands;
  const shape = value.op === op.DOT ? a : value;
  const at = (operand: Value | undefined): number => (operand === undefined ? 0 : address(operand));
  const step = (operand: Value | undefined): number => (operand === undefined || operand.rank === 0 ? 0 : 16);
  return [
    value.op,
    shape.rank === 2 ? 1 : 0,
    value.op === op.STORE ? value.data : address(value),
    value.op === op.LOAD ? value.data : at(a),
    at(b),
    at(c),
    step(a) | (step(b) << 8) | (step(c) << 16),
    0,
  ];
}
