import { type Budget, largestBits, spend } from '../budget.ts';

/** n / d in lowest terms, d > 0. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** Bits of |x|, to within four. */
export const bitLength = (x: bigint): number => {
  const limit = 9007199254740991n;
  if (x < limit && x > -limit) return Math.ceil(Math.log2(Math.abs(Number(x)) + 1));
  return x.toString(16).length * 4;
};

function gcd(a: bigint, b: bigint, budget: Budget): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const bits = Math.min(bitLength(x), bitLength(y));
  spend(budget, 1 + bits / 2 + (bits * bits) / 150);
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** n / d reduced; undefined when d = 0 or the numbers are larger than exact arithmetic keeps. */
export function rational(n: bigint, d: bigint, budget: Budget): Rational | undefined {
  if (d === 0n) return undefined;
  if (d === 1n) return bitLength(n) > largestBits ? undefined : { n, d };
  if (bitLength(n) > largestBits || bitLength(d) > largestBits) return undefined;
  const g = gcd(n, d, budget);
  const sign = d < 0n ? -1n : 1n;
  return { n: (sign * n) / g, d: (sign * d) / g };
}

export const integer = (n: number | bigint): Rational => ({ n: BigInt(n), d: 1n });
export const isInteger = (x: Rational): boolean => x.d === 1n;
export const equal = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d;
export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d });

export const add = (a: Rational, b: Rational, budget: Budget): Rational | undefined =>
  rational(a.n * b.d + b.n * a.d, a.d * b.d, budget);
export const multiply = (a: Rational, b: Rational, budget: Budget): Rational | undefined =>
  rational(a.n * b.n, a.d * b.d, budget);
export const divide = (a: Rational, b: Rational, budget: Budget): Rational | undefined =>
  rational(a.n * b.d, a.d * b.n, budget);

/** a^k for an integer k, refused before it is computed when the result would be too large. */
export function power(a: Rational, k: number, budget: Budget): Rational | undefined {
  const bits = Math.max(bitLength(a.n), bitLength(a.d));
  const one = (a.n === 1n || a.n === -1n || a.n === 0n) && a.d === 1n;
  if (!one && bits * Math.abs(k) > largestBits * 1.2) return undefined;
  if (Math.abs(k) > 1e15) return undefined;
  spend(budget, 2 + (bits * Math.abs(k)) / 200);
  const e = BigInt(one ? Math.abs(k) % 2 || (k === 0 ? 0 : 2) : Math.abs(k));
  if (k >= 0) return { n: a.n ** e, d: a.d ** e };
  return a.n === 0n ? undefined : rational(a.d ** e, a.n ** e, budget);
}

/** The integer m-th root of x ≥ 0 when x is a perfect m-th power. */
function perfectRoot(x: bigint, m: number): bigint | undefined {
  if (x < 2n) return x;
  const bits = bitLength(x);
  if (bits > 1000) return undefined;
  let r = BigInt(Math.round(Number(x) ** (1 / m))) || 1n;
  const big = BigInt(m);
  for (let i = 0; i < 60; i++) {
    const next = ((big - 1n) * r + x / r ** (big - 1n)) / big;
    if (next === r || next === r + 1n) break;
    r = next;
  }
  for (const c of [r - 1n, r, r + 1n]) if (c >= 0n && c ** big === x) return c;
  return undefined;
}

/** a^(1/m) when it is rational; the real root of a negative number when m is odd. */
export function root(a: Rational, m: number, budget: Budget): Rational | undefined {
  if (!Number.isInteger(m) || m < 1 || m > 64) return undefined;
  if (a.n < 0n) {
    if (m % 2 === 0) return undefined;
    const positive = root(negate(a), m, budget);
    return positive && negate(positive);
  }
  spend(budget, 50);
  const n = perfectRoot(a.n, m);
  const d = perfectRoot(a.d, m);
  return n === undefined || d === undefined ? undefined : { n, d };
}

/** The nearest double, also when numerator and denominator are beyond the doubles' range. */
export function toNumber(x: Rational): number {
  const shift = Math.max(bitLength(x.n), bitLength(x.d)) - 1000;
  if (shift <= 0) return Number(x.n) / Number(x.d);
  const top = bitLength(x.n) - bitLength(x.d);
  if (top > 1024) return x.n < 0n ? -Infinity : Infinity;
  const scale = 64 - top;
  const scaled = scale >= 0 ? (x.n << BigInt(scale)) / x.d : x.n / (x.d << BigInt(-scale));
  return Number(scaled) * 2 ** -scale;
}

/** A decimal literal such as `-12.50` or `1.2e-3`, exactly; undefined when it is none or too large. */
export function parseDecimal(text: string, budget: Budget): Rational | undefined {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const digits = `${match[2]}${match[3] ?? ''}`;
  if (digits === '' || digits.length > 4000) return undefined;
  spend(budget, digits.length);
  const exponent = Number(match[4] ?? 0) - (match[3]?.length ?? 0);
  const n = BigInt(`${match[1] === '-' ? '-' : ''}${digits}`);
  const ten = power(integer(10), Math.abs(exponent), budget);
  if (ten === undefined) return undefined;
  return exponent >= 0 ? rational(n * ten.n, 1n, budget) : rational(n, ten.n, budget);
}
