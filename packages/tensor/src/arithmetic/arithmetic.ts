/**
 * What a loss formula may use, so that one formula runs in float64 on plain arrays and as tensor operations on a GPU.
 * A value `A` is a scalar, a row vector [R] or a matrix [R, C] of the one shape the arithmetic was made for; a plain number
 * is a constant. Arithmetic between two arrays needs equal shapes; scalars broadcast. Conditions are 1 or 0.
 */
export interface Arithmetic<A> {
  add(a: A | number, b: A | number): A;
  sub(a: A | number, b: A | number): A;
  mul(a: A | number, b: A | number): A;
  div(a: A | number, b: A | number): A;
  square(a: A): A;
  exp(a: A): A;
  /** log(1 + eᵃ), stable. */
  softplus(a: A): A;
  /** 1 / (1 + e^{−a}), stable; write 1 − σ(a) as σ(−a). */
  sigmoid(a: A): A;
  /** max(a, 0); NaN stays. */
  relu(a: A): A;
  /** min(a, limit); NaN stays. */
  atMost(a: A, limit: number): A;
  /** 1 where a > 0, 0 elsewhere; NaN stays. */
  positive(a: A): A;
  /** 1 where a = b, 0 elsewhere. */
  equal(a: A, b: A | number): A;
  /** a where the condition is positive, else b, whatever the other holds. */
  select(condition: A, a: A | number, b: A | number): A;
  /** Σ over everything: a scalar. */
  sum(a: A): A;
  /** Σ over each row: [R, C] → [R]. */
  rowSum(a: A): A;
  /** Each row's number along its row: [R] → [R, C]. */
  spread(a: A): A;
  /** y_t = x_t + decay_t · y_{t+1} along each row, y = 0 after the last column. */
  accumulateBack(x: A, decay: A): A;
  /** y_t = x_t + decay_t · y_{t−1} along each row, y = 0 before the first column. */
  accumulateForward(x: A, decay: A): A;
  /** What the next column holds; 0 in the last. */
  shiftBack(x: A): A;
  /** What the previous column holds; 0 in the first. */
  shiftForward(x: A): A;
}

/** −a. */
export function negate<A>(math: Arithmetic<A>, a: A): A {
  return math.mul(a, -1);
}

/** What the next valid slot of the row holds, skipping masked ones; 0 when there is none. */
export function nextValid<A>(math: Arithmetic<A>, valid: A, x: A): A {
  return math.shiftBack(math.accumulateBack(math.select(valid, x, 0), math.sub(1, valid)));
}

/** What the previous valid slot of the row held, skipping masked ones; 0 when there is none. */
export function previousValid<A>(math: Arithmetic<A>, valid: A, x: A): A {
  return math.shiftForward(math.accumulateForward(math.select(valid, x, 0), math.sub(1, valid)));
}
