/**
 * Loops over elements in float64. A shared loop that calls back per element would be several times slower, so each operation has its
 * own. An operand of one number stands for every element: its step is 0, that of an array is 1. `Math.max` and `Math.min` keep NaN.
 */
export type Numbers = Float64Array;

/** Fills `out` from one operand. */
export const unary: Readonly<Record<string, (out: Numbers, a: Numbers, number: number) => void>> = {
  square(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! * a[i]!;
  },
  exp(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(a[i]!);
  },
  expm1(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = Math.expm1(a[i]!);
  },
  expExcess(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = expExcess(a[i]!);
  },
  /** e^−|a|, which softplus and both sigmoids are made of. */
  decay(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(-Math.abs(a[i]!));
  },
  relu(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i]!, 0);
  },
  atMost(out, a, limit) {
    for (let i = 0; i < out.length; i++) out[i] = Math.min(a[i]!, limit);
  },
  positive(out, a) {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! > 0 ? 1 : Math.max(Math.min(a[i]!, 0), 0);
  },
  fill(out, a) {
    out.fill(a[0]!);
  },
  scale(out, a, factor) {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! * factor;
  },
};

/** Fills `out` from two operands, each with its step. */
export const binary: Readonly<Record<string, (out: Numbers, a: Numbers, p: number, b: Numbers, q: number) => void>> = {
  add(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! + b[i * q]!;
  },
  sub(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! - b[i * q]!;
  },
  mul(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! * b[i * q]!;
  },
  div(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p]! / b[i * q]!;
  },
  through(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p] === 0 ? 0 : a[i * p]! * b[i * q]!;
  },
  equal(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = a[i * p] === b[i * q] ? 1 : 0;
  },
  expDifference(out, a, p, b, q) {
    for (let i = 0; i < out.length; i++) {
      const [high, low] = [a[i * p]!, b[i * q]!];
      const apart = high - low;
      if (high === low) out[i] = 0;
      else if (apart > 0) out[i] = -Math.exp(high) * Math.expm1(-apart);
      else out[i] = Math.exp(low) * Math.expm1(apart);
    }
  },
  /** log(1 + eᵃ) from a and e^−|a|. */
  softplusOf(out, a, p, decay, q) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i * p]!, 0) + Math.log1p(decay[i * q]!);
  },
  /** σ(a) from a and e^−|a|. */
  sigmoidOf(out, a, p, decay, q) {
    for (let i = 0; i < out.length; i++) {
      const e = decay[i * q]!;
      out[i] = a[i * p]! > 0 ? 1 / (1 + e) : e / (1 + e);
    }
  },
};

/** Fills `out` by a condition from two operands, each with its step. */
export const ternary: Readonly<
  Record<string, (out: Numbers, c: Numbers, o: number, a: Numbers, p: number, b: Numbers, q: number) => void>
> = {
  select(out, c, o, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = c[i * o]! > 0 ? a[i * p]! : b[i * q]!;
  },
  difference(out, c, o, a, p, b, q) {
    for (let i = 0; i < out.length; i++) out[i] = c[i * o]! > 0 ? a[i * p]! - b[i * q]! : 0;
  },
};

/** eᵃ − 1 − a: near 0 its series, since what it replaces cancels there. */
function expExcess(a: number): number {
  if (Math.abs(a) > 0.1) return Math.expm1(a) - a;
  let rest = 1;
  for (let k = 10; k > 2; k--) rest = 1 + (a / k) * rest;
  return 0.5 * a * a * rest;
}
