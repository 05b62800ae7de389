/**
 * A formula under construction: what it is made of, not yet any number. Arithmetic stands between its operands,
 * `logRatio.times(beta).minus(credits)`; functions stand in front, `square(residual)` (operations.ts).
 */

/** The name of each dimension: `''` a scalar, `'B'` a vector, `'B S'` a matrix. */
export type Shape = string;

/** What an operation knows besides its operands. */
export interface Detail {
  /** Of a constant, a decay, a limit. */
  readonly number?: number;
  /** Of an input, an option or a dimension. */
  readonly name?: string;
  /** Whether an input carries gradient. */
  readonly trained?: boolean;
}

/** An operation of formulas; what each computes stands beside its function in operations.ts. */
export type Operation =
  | ('input' | 'option' | 'size' | 'constant' | 'stop' | 'fill' | 'spread')
  | ('add' | 'sub' | 'mul' | 'div' | 'square' | 'through')
  | ('exp' | 'expm1' | 'expExcess' | 'expDifference' | 'softplus' | 'sigmoid')
  | ('relu' | 'atMost' | 'positive' | 'equal' | 'select' | 'difference')
  | ('sum' | 'rowSum' | 'rowCount')
  | ('returns' | 'discounted' | 'nextValid' | 'previousValid' | 'segmentSum' | 'carryForward')
  | ('logSums' | 'logSumSlopes');

/** One value of a formula. Arithmetic between two arrays needs equal shapes; a scalar, or a row's number beside its matrix, is spread. */
export class Term {
  readonly operation: Operation;
  readonly shape: Shape;
  readonly operands: readonly Term[];
  readonly detail: Detail;

  constructor(operation: Operation, shape: Shape, operands: readonly Term[] = [], detail: Detail = {}) {
    this.operation = operation;
    this.shape = shape;
    this.operands = operands;
    this.detail = detail;
  }

  /** a + b. */
  plus(b: Term | number): Term {
    const other = term(b);
    if (isConstant(this, 0)) return other;
    if (isConstant(other, 0)) return this;
    return elementwise('add', this, other);
  }

  /** a − b. */
  minus(b: Term | number): Term {
    const other = term(b);
    return isConstant(other, 0) ? this : elementwise('sub', this, other);
  }

  /** a·b. */
  times(b: Term | number): Term {
    const other = term(b);
    if (isConstant(this, 1)) return other;
    if (isConstant(other, 1)) return this;
    return elementwise('mul', this, other);
  }

  /** a / b. */
  over(b: Term | number): Term {
    const other = term(b);
    return isConstant(other, 1) ? this : elementwise('div', this, other);
  }

  /** −a. */
  negated(): Term {
    const [a, b] = this.operands;
    const twice = this.operation === 'mul' && b!.operation === 'constant';
    return twice ? a!.times(-b!.detail.number!) : this.times(-1);
  }
}

/** A number as a term; terms as they are. */
export function term(value: Term | number): Term {
  return typeof value === 'number' ? new Term('constant', '', [], { number: value }) : value;
}

/** A value given when the formula runs. */
export const input = (name: string, shape: Shape, trained: boolean): Term =>
  new Term('input', shape, [], { name, trained });

/** A scalar given when the formula runs. */
export const option = (name: string): Term => new Term('option', '', [], { name });

/** How long a dimension is, and at least 1: the divisor of a mean that may be over nothing. */
export const size = (dimension: string): Term => new Term('size', '', [], { name: dimension });

/** Whether a term is this very number. */
export const isConstant = (value: Term, number: number): boolean =>
  value.operation === 'constant' && value.detail.number === number;

/** Whether `row` holds one number for each row of `matrix`. */
export const isRowOf = (row: Shape, matrix: Shape): boolean => row !== '' && matrix.startsWith(`${row} `);

/** An operation element by element, of the shape its operands have in common. */
export function elementwise(operation: Operation, ...operands: readonly Term[]): Term {
  const shape = operands.map((operand) => operand.shape).reduce((a, b) => (b.length > a.length ? b : a));
  // Products of a matrix with a number a row have a loop of their own; elsewhere the row is written out.
  const ready =
    operation === 'mul' ? operands : operands.map((operand) => (operand.shape === '' ? operand : as(operand, shape)));
  for (const operand of ready)
    if (operand.shape !== '' && operand.shape !== shape && !isRowOf(operand.shape, shape))
      throw disagree(operand.shape, shape);
  return new Term(operation, shape, ready);
}

/** A term of a larger shape: a scalar everywhere, a row's number all along the row. */
export function as(value: Term, shape: Shape): Term {
  if (value.shape === shape) return value;
  if (value.shape === '') return new Term('fill', shape, [value]);
  if (isRowOf(value.shape, shape)) return new Term('spread', shape, [value]);
  throw disagree(value.shape, shape);
}

const disagree = (a: Shape, b: Shape): TypeError =>
  new TypeError(
    `formula: [${a}] and [${b}] cannot be combined (equal shapes, scalars, or a row beside its matrix can)`,
  );
