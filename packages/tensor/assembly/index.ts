/**
 * The vector machine: runs a list of instructions over the rows of a batch, a block of rows at a time, so that everything between
 * the inputs and the results stays in the processor's nearest cache. An instruction is eight 32-bit words:
 * operation, 1 for a matrix or 0 for a vector, dst, a, b, c, the bytes the operands advance by for two numbers (8 bits each: 16 for
 * an array, 0 for a scalar), and nothing.
 */
import * as op from '../src/arithmetic/vector/opcodes';
import { binary, dot, lengthy, narrow, positive, select, unary, widen } from './elements';
import { carry, neighbour, returns, rowScale, rowSum } from './rows';

/** Where the machine's own constants end. */
export const free: usize = __heap_base;

/** Runs `count` instructions at `code` on every block of `blockRows` rows. */
export function run(code: usize, count: i32, rows: i32, columns: i32, blockRows: i32): void {
  const end = code + (count << 5);
  for (let first = 0; first < rows; first += blockRows) {
    const now = min(blockRows, rows - first);
    for (let at = code; at < end; at += 32) execute(at, first, now, columns);
  }
}

function execute(at: usize, first: i32, rows: i32, columns: i32): void {
  const width = load<i32>(at, 4) ? columns : 1;
  const n = rows * width;
  const dst = <usize>load<u32>(at, 8);
  const a = <usize>load<u32>(at, 12);
  const b = <usize>load<u32>(at, 16);
  const c = <usize>load<u32>(at, 20);
  const steps = <usize>load<u32>(at, 24);
  const s = steps & 255;
  const t = (steps >> 8) & 255;
  switch (load<i32>(at)) {
    case op.LOAD: return widen(dst, a + ((first * width) << 2), n);
    case op.STORE: return narrow(dst + ((first * width) << 2), a, s, n);
    case op.ADD: return binary(op.ADD, dst, a, b, s, t, n);
    case op.SUB: return binary(op.SUB, dst, a, b, s, t, n);
    case op.MUL: return binary(op.MUL, dst, a, b, s, t, n);
    case op.DIV: return binary(op.DIV, dst, a, b, s, t, n);
    case op.MIN: return binary(op.MIN, dst, a, b, s, t, n);
    case op.MAX: return binary(op.MAX, dst, a, b, s, t, n);
    case op.EQUAL: return binary(op.EQUAL, dst, a, b, s, t, n);
    case op.SELECT: return select(dst, a, b, c, s, t, steps >> 16, n);
    case op.POSITIVE: return positive(dst, a, n);
    case op.EXP: return unary(op.EXP, dst, a, n);
    case op.DECAY: return unary(op.DECAY, dst, a, n);
    case op.SOFTPLUS: return lengthy(op.SOFTPLUS, dst, a, b, s, t, n);
    case op.SIGMOID: return lengthy(op.SIGMOID, dst, a, b, s, t, n);
    case op.DOT: return v128.store(dst, f64x2.add(v128.load(dst), dot(a, b, t, n)));
    case op.FOLD: return v128.store(dst, f64x2.splat(load<f64>(a) + load<f64>(a, 8)));
    case op.ROW_SUM: return rowSum(dst, a, rows, columns);
    case op.ROW_SCALE: return rowScale(dst, a, b, rows, columns);
    case op.RETURNS: return returns(dst, a, b, load<f64>(c), rows, columns);
    case op.NEXT: return neighbour(-8, dst, a, b, rows, columns);
    case op.PREVIOUS: return neighbour(8, dst, a, b, rows, columns);
    case op.CARRY: return carry(dst, a, b, rows, columns);
  }
}
