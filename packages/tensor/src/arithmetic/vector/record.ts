import type { Arithmetic } from '../arithmetic.ts';
import * as op from './opcodes.ts';

/** One value of a formula: a constant, an input, or an operation on earlier values. */
export interface Value {
  /** Position in the record: operands come first. */
  readonly id: number;
  /** An operation of the vector machine, or `CONSTANT`. */
  readonly op: number;
  /** 0 a scalar, 1 a vector [rows], 2 a matrix [rows, columns]. */
  readonly rank: number;
  readonly rows: number;
  /** How many sums over everything, one upon the other, have to be complete before this can be computed. */
  readonly stage: number;
  readonly operands: readonly Value[];
  /** The number a constant is, or the address an input is read from or a result written to. */
  readonly data: number;
}

/** What is no instruction: a number known beforehand. */
export const CONSTANT = -1;

/** A formula's operations, in the order it asked for them. */
export interface Recording {
  readonly values: readonly Value[];
  /** Arithmetic that computes nothing and notes down everything. */
  readonly math: Arithmetic<Value>;
  /** A number as a value of the record. */
  value(x: Value | number): Value;
  /** float32 data at an address. */
  input(address: number, rank: number, rows: number): Value;
  /** Has `value` written to an address as float32; a scalar fills the whole array. */
  output(value: Value | number, address: number, rank: number, rows: number): void;
  /** Equal for records that differ in their constants at most. */
  signature(): string;
}

/** Starts an empty record. */
export function record(): Recording {
  const values: Value[] = [];
  let signature = '';
  const push = (code: number, rank: number, rows: number, operands: readonly Value[], data = 0): Value => {
    let stage = 0;
    signature += String.fromCharCode(code + 1, rank);
    for (const operand of operands) {
      if (operand.stage > stage) stage = operand.stage;
      signature += String.fromCharCode(operand.id);
    }
    // What adds up a stage's lanes belongs to the next: it has to wait for the last row.
    if (code === op.FOLD) stage += 1;
    const value = { id: values.length, op: code, rank, rows, stage, operands, data };
    values.push(value);
    return value;
  };
  const value = (x: Value | number): Value => (typeof x === 'number' ? push(CONSTANT, 0, 1, [], x) : x);
  /** An operation element by element, in the shape of its largest operand: scalars stand for arrays. */
  const apply = (code: number, a: Value | number, b?: Value | number, c?: Value | number): Value => {
    const operands = [value(a)];
    if (b !== undefined) operands.push(value(b));
    if (c !== undefined) operands.push(value(c));
    let shape = operands[0];
    for (const operand of operands) if (operand.rank > shape.rank) shape = operand;
    for (const operand of operands)
      if (operand.rank > 0 && (operand.rank !== shape.rank || operand.rows !== shape.rows))
        throw new TypeError('closedForm: a formula may combine arrays of one shape, got a vector beside a matrix');
    return push(code, shape.rank, shape.rows, operands);
  };
  const dot = (a: Value, b: Value): Value => push(op.FOLD, 0, 1, [push(op.DOT, 0, a.rows, [a, b])]);
  const rowSum = (a: Value): Value => push(op.ROW_SUM, 1, a.rows, [a]);
  const along = (code: number, mask: Value, x: Value): Value => push(code, 2, mask.rows, [mask, x]);

  const opposites = new Map<Value, Value>();
  const opposite = (a: Value): Value => {
    const known = opposites.get(a);
    if (known !== undefined) return known;
    const b = apply(op.MUL, a, -1);
    opposites.set(a, b).set(b, a);
    return b;
  };
  // One e^{−|a|} does for softplus and sigmoid of both a and −a, which is what a loss and its slope are made of.
  const decays = new Map<Value, Value>();
  const decay = (a: Value): Value => {
    const known = decays.get(a) ?? decays.get(opposites.get(a) ?? a);
    if (known !== undefined) return known;
    const b = apply(op.DECAY, a);
    decays.set(a, b);
    return b;
  };

  const math: Arithmetic<Value> = {
    add: (a, b) => apply(op.ADD, a, b),
    sub: (a, b) => apply(op.SUB, a, b),
    mul(a, b) {
      if (typeof b === 'number') return typeof a === 'number' || b !== -1 ? apply(op.MUL, a, b) : opposite(a);
      if (typeof a === 'number') return math.mul(b, a);
      if (a.rank + b.rank < 3 || a.rank === b.rank) return apply(op.MUL, a, b);
      return push(op.ROW_SCALE, 2, a.rows, a.rank === 2 ? [a, b] : [b, a]);
    },
    div: (a, b) => apply(op.DIV, a, b),
    square: (a) => apply(op.MUL, a, a),
    exp: (a) => apply(op.EXP, a),
    softplus: (a) => apply(op.SOFTPLUS, a, decay(a)),
    sigmoid: (a) => apply(op.SIGMOID, a, decay(a)),
    relu: (a) => apply(op.MAX, a, 0),
    atMost: (a, limit) => apply(op.MIN, a, limit),
    positive: (a) => apply(op.POSITIVE, a),
    equal: (a, b) => apply(op.EQUAL, a, b),
    select: (condition, a, b) => apply(op.SELECT, condition, a, b),
    sum: (a) => (a.rank === 0 ? a : dot(a, value(1))),
    dot: (a, b) => (a.rank === 0 ? apply(op.MUL, a, b) : dot(a, b)),
    rowSum,
    difference: (mask, a, b) => apply(op.SELECT, mask, apply(op.SUB, a, b), 0),
    rowCount: (mask) => rowSum(apply(op.SELECT, mask, 1, 0)),
    returns: (mask, x, decayed) => push(op.RETURNS, 2, mask.rows, [mask, x, value(decayed)]),
    nextValid: (mask, x) => along(op.NEXT, mask, x),
    previousValid: (mask, x) => along(op.PREVIOUS, mask, x),
    carryForward: (starts, x) => along(op.CARRY, starts, x),
  };
  const ofData = (code: number, rank: number, rows: number, operands: readonly Value[], address: number): Value => {
    signature += `${rows},`;
    return push(code, rank, rows, operands, address);
  };
  return {
    values,
    math,
    value,
    input: (address, rank, rows) => ofData(op.LOAD, rank, rows, [], address),
    output: (x, address, rank, rows) => void ofData(op.STORE, rank, rows, [value(x)], address),
    signature: () => signature,
  };
}
