/** eˣ and what is made of it, two float64 lanes at a time. */

/**
 * Every constant below. They are read from memory, since an engine that writes them into the code needs three instructions for each,
 * in every turn of the loop. The coefficients are minimax fits (Remez, 60 digits), lowest power first.
 */
const table: usize = memory.data<f64>([
  // 0: log₂ e, 1.5 · 2⁵², and ln 2 in two parts: the first ends in zeros, so that its product with n is exact
  1.4426950408889634, 6755399441055744, 0.6931471803691238, 1.9082149292705877e-10,
  // 32: the clamp of the argument, below what eˣ is 0, 1, 2
  -709, 710, -708, 1, 2,
  // 72: (eʳ − 1 − r) / r² on |r| ≤ ½ ln 2
  0.500000000000001, 0.16666666666666413, 4.1666666666530164e-2, 8.33333333349446e-3, 1.3888888943628969e-3,
  1.984126950657775e-4, 2.4801493099933648e-5, 2.7557586377101367e-6, 2.7630248052269475e-7, 2.5000059988274308e-8,
  // 152: atanh(√z) / √z on 0 ≤ z ≤ 1/9
  1, 0.3333333333334165, 0.1999999999755678, 0.14285714563884317, 0.11111095057223476,
  0.09091439622837805, 0.07681689464002607, 0.06796977299801553, 0.0493403110357535, 0.08903118576798506,
]);

// @ts-ignore: decorators are AssemblyScript's
@inline
function constant(offset: usize): v128 {
  return v128.load64_splat(table + offset);
}

/** The constant at `offset` + x times the next. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function line(x: v128, offset: usize): v128 {
  return f64x2.add(constant(offset), f64x2.mul(x, constant(offset + 8)));
}

/** The polynomial of ten coefficients at `offset`, in Estrin's order: its longest chain is half of Horner's. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function polynomial(x: v128, offset: usize): v128 {
  const x2 = f64x2.mul(x, x);
  const x4 = f64x2.mul(x2, x2);
  const low = f64x2.add(line(x, offset), f64x2.mul(x2, line(x, offset + 16)));
  const middle = f64x2.add(line(x, offset + 32), f64x2.mul(x2, line(x, offset + 48)));
  const high = f64x2.add(middle, f64x2.mul(x4, line(x, offset + 64)));
  return f64x2.add(low, f64x2.mul(x4, high));
}

/**
 * eˣ, relative error below 3e-16; 0 for x < −708 (the last normal numbers), ∞ from 709.8 on, NaN stays.
 * x = n ln 2 + r with |r| ≤ ½ ln 2; eʳ = 1 + r + r² q(r); 2ⁿ by building the exponent bits. n is rounded by adding 1.5 · 2⁵²,
 * whose low mantissa bits then hold n; the last doubling is an addition, so that eˣ of 2¹⁰²⁴ and more overflows to ∞.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function exp2(value: v128): v128 {
  const x = f64x2.pmin(f64x2.pmax(value, constant(32)), constant(40));
  const magic = constant(8);
  const shifted = f64x2.add(f64x2.mul(x, constant(0)), magic);
  const n = f64x2.sub(shifted, magic);
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, constant(16))), f64x2.mul(n, constant(24)));
  const p = f64x2.add(f64x2.add(f64x2.mul(f64x2.mul(r, r), polynomial(r, 72)), r), constant(56));
  const half = f64x2.mul(p, i64x2.add(i64x2.shl(shifted, 52), i64x2.splat(0x3fe0000000000000)));
  return v128.andnot(f64x2.add(half, half), f64x2.lt(value, constant(48)));
}

/** e^{−|x|}. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function decay2(x: v128): v128 {
  return exp2(f64x2.neg(f64x2.abs(x)));
}

/**
 * log(1 + eˣ) = max(x, 0) + log1p(u) for u = e^{−|x|}, and log1p(u) = 2 atanh(s) with s = u / (2 + u) in [0, ⅓]: no cancellation
 * anywhere, and nothing to reduce first.
 */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function softplus2(x: v128, u: v128): v128 {
  const s = f64x2.div(u, f64x2.add(u, constant(64)));
  return f64x2.add(f64x2.pmax(x, f64x2.splat(0)), f64x2.mul(f64x2.add(s, s), polynomial(f64x2.mul(s, s), 152)));
}

/** 1 / (1 + e⁻ˣ) for u = e^{−|x|}: 1 / (1 + u) for x ≥ 0 and u / (1 + u) below, exact far out on both sides. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function sigmoid2(x: v128, u: v128): v128 {
  const one = constant(56);
  return f64x2.div(v128.bitselect(u, one, f64x2.lt(x, f64x2.splat(0))), f64x2.add(u, one));
}
