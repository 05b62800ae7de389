import * as op from './opcodes.ts';
import { CONSTANT, type Recording, type Value } from './record.ts';
import { SCALAR_BYTES, schedule, WORDS } from './schedule.ts';

/** A formula for one set of shapes, ready to run: everything but the constants and the data. */
export interface Program {
  /** Address of the scalars; the one of id i is at i · `SCALAR_BYTES`. */
  readonly scalars: number;
  readonly constants: readonly number[];
  /** Ids of sums, which start at 0. */
  readonly sums: readonly number[];
  readonly code: Int32Array;
  /** Address of the code. */
  readonly start: number;
  readonly passes: readonly { start: number; count: number; rows: number; blockRows: number }[];
  /** Where the memory it works in ends. */
  readonly end: number;
}

/** A loss has a few formulas, a batch a few shapes; beyond this many, something else is going on. */
const CAPACITY = 256;
const programs = new Map<string, Program>();

/**
 * The program of a record. It is made once for each structure and shape and found again afterwards: options such as β are constants
 * and make no difference.
 *
 * @param free - the first address behind inputs and results
 */
export function programOf({ values, signature }: Recording, result: Value, columns: number, free: number): Program {
  const key = `${columns},${result.id},${signature()}`;
  let program = programs.get(key);
  if (program === undefined) {
    if (programs.size >= CAPACITY) programs.clear();
    program = build(values, result, columns, free);
    programs.set(key, program);
  }
  return program;
}

function build(values: readonly Value[], result: Value, columns: number, free: number): Program {
  const slots = free + values.length * SCALAR_BYTES;
  const passes = schedule(values, result, { scalars: free, slots, columns });
  const start = slots + passes.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  let at = start;
  const placed = passes.map(({ code, rows, blockRows }) => {
    const pass = { start: at, count: code.length / WORDS, rows, blockRows };
    at += code.length * 4;
    return pass;
  });
  const ids = (code: number): number[] => values.filter((value) => value.op === code).map((value) => value.id);
  return {
    scalars: free,
    constants: ids(CONSTANT),
    sums: ids(op.DOT),
    code: Int32Array.from(passes.flatMap(({ code }) => code)),
    start,
    passes: placed,
    end: at,
  };
}
