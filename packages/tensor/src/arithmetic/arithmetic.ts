/**
 * What a loss formula may use, so that one formula runs in float64 on plain arrays and as tensor operations on a GPU.
 * A value `A` is a scalar, a row vector [R] or a matrix [R, C] of the one shape the arithmetic was made for; a plain number
 * is a constant. Arithmetic between two arrays needs equal shapes; scalars broadcast. Conditions are 1 or 0.
 */
export interface Arithmetic<A> {
  add(a: A | number, b: A | number): A;
  sub(a: A | number, b: A | number): A;
  /** a·b; a vector [R] beside a matrix [R, C] stands for a constant a row. */
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
  /** Σ a·b over everything: a scalar. */
  dot(a: A, b: A): A;
  /** Σ over each row: [R, C] → [R]. */
  rowSum(a: A): A;
  /** a − b where the mask is positive, 0 elsewhere, whatever a and b hold there. */
  difference(mask: A, a: A, b: A): A;
  /** How many slots of each row have a positive mask: [R, C] → [R]. */
  rowCount(mask: A): A;
  /** G_t = x_t + decay · G_{next valid t}, 0 after the last, along each row; masked slots are skipped, and 0. */
  returns(mask: A, x: A, decay: number): A;
  /** What the next valid slot of the row holds, 0 when there is none; masked slots are skipped, and 0. */
  nextValid(mask: A, x: A): A;
  /** What the previous valid slot of the row held, 0 when there is none; masked slots are skipped, and 0. */
  previousValid(mask: A, x: A): A;
  /** What the latest slot of the row with a positive `starts` holds, up to and including this one; 0 before the first. */
  carryForward(starts: A, x: A): A;
}

/** −a. */
export function negate<A>(math: Arithmetic<A>, a: A): A {
  return math.mul(a, -1);
}
