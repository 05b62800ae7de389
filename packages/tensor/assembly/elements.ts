/** Loops over elements. Arrays are padded to 64 bytes, so whole groups of eight are computed; what lies in the padding is never read. */
import * as op from '../src/arithmetic/vector/opcodes';
import { decay2, exp2, sigmoid2, softplus2 } from './exponentials';

/** One operation on two lanes; `kind` is a constant wherever this is used, so that one branch is left. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function two(kind: i32, x: v128, y: v128): v128 {
  if (kind == op.ADD) return f64x2.add(x, y);
  if (kind == op.SUB) return f64x2.sub(x, y);
  if (kind == op.MUL) return f64x2.mul(x, y);
  if (kind == op.DIV) return f64x2.div(x, y);
  if (kind == op.MIN) return f64x2.pmin(x, y);
  if (kind == op.MAX) return f64x2.pmax(x, y);
  if (kind == op.SOFTPLUS) return softplus2(x, y);
  if (kind == op.SIGMOID) return sigmoid2(x, y);
  return v128.and(f64x2.eq(x, y), f64x2.splat(1));
}

/** dst ← a ∘ b. A step is 16 bytes for an array and 0 for a scalar. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function binary(kind: i32, dst: usize, a: usize, b: usize, aStep: usize, bStep: usize, n: i32): void {
  const end = dst + (n << 3);
  // The usual cases have a loop of their own: with fixed distances there is nothing to add up between the loads.
  if (aStep & bStep)
    for (; dst < end; dst += 64, a += 64, b += 64) {
      v128.store(dst, two(kind, v128.load(a), v128.load(b)));
      v128.store(dst, two(kind, v128.load(a, 16), v128.load(b, 16)), 16);
      v128.store(dst, two(kind, v128.load(a, 32), v128.load(b, 32)), 32);
      v128.store(dst, two(kind, v128.load(a, 48), v128.load(b, 48)), 48);
    }
  else if (aStep) {
    const y = v128.load(b);
    for (; dst < end; dst += 64, a += 64) {
      v128.store(dst, two(kind, v128.load(a), y));
      v128.store(dst, two(kind, v128.load(a, 16), y), 16);
      v128.store(dst, two(kind, v128.load(a, 32), y), 32);
      v128.store(dst, two(kind, v128.load(a, 48), y), 48);
    }
  } else lengthy(kind, dst, a, b, aStep, bStep, n);
}

/** The same, two lanes a turn: for operations that are long themselves, or begin with a scalar. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function lengthy(kind: i32, dst: usize, a: usize, b: usize, aStep: usize, bStep: usize, n: i32): void {
  for (const end = dst + (n << 3); dst < end; dst += 16, a += aStep, b += bStep)
    v128.store(dst, two(kind, v128.load(a), v128.load(b)));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function one(kind: i32, x: v128): v128 {
  return kind == op.EXP ? exp2(x) : decay2(x);
}

/** dst ← f(a). */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function unary(kind: i32, dst: usize, a: usize, n: i32): void {
  for (const end = dst + (n << 3); dst < end; dst += 16, a += 16) v128.store(dst, one(kind, v128.load(a)));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function positive2(x: v128, one: v128): v128 {
  return v128.or(v128.and(x, f64x2.ne(x, x)), v128.and(f64x2.gt(x, f64x2.splat(0)), one));
}

/** dst ← 1 where a > 0, else 0; NaN stays. */
export function positive(dst: usize, a: usize, n: i32): void {
  const one = f64x2.splat(1);
  for (const end = dst + (n << 3); dst < end; dst += 64, a += 64) {
    v128.store(dst, positive2(v128.load(a), one));
    v128.store(dst, positive2(v128.load(a, 16), one), 16);
    v128.store(dst, positive2(v128.load(a, 32), one), 32);
    v128.store(dst, positive2(v128.load(a, 48), one), 48);
  }
}

/** dst ← b where the condition c is positive, else other. */
export function select(dst: usize, c: usize, b: usize, other: usize, cStep: usize, bStep: usize, oStep: usize, n: i32): void {
  const zero = f64x2.splat(0);
  const end = dst + (n << 3);
  // The usual case: values where the mask is set, a number elsewhere.
  if (cStep & bStep & ~oStep) {
    const y = v128.load(other);
    for (; dst < end; dst += 64, c += 64, b += 64) {
      v128.store(dst, v128.bitselect(v128.load(b), y, f64x2.gt(v128.load(c), zero)));
      v128.store(dst, v128.bitselect(v128.load(b, 16), y, f64x2.gt(v128.load(c, 16), zero)), 16);
      v128.store(dst, v128.bitselect(v128.load(b, 32), y, f64x2.gt(v128.load(c, 32), zero)), 32);
      v128.store(dst, v128.bitselect(v128.load(b, 48), y, f64x2.gt(v128.load(c, 48), zero)), 48);
    }
  }
  for (; dst < end; dst += 32) {
    v128.store(dst, v128.bitselect(v128.load(b), v128.load(other), f64x2.gt(v128.load(c), zero)));
    const second = f64x2.gt(v128.load(c + cStep), zero);
    v128.store(dst, v128.bitselect(v128.load(b + bStep), v128.load(other + oStep), second), 16);
    c += 2 * cStep;
    b += 2 * bStep;
    other += 2 * oStep;
  }
}

/** dst ← n numbers of float32 at `from`. */
export function widen(dst: usize, from: usize, n: i32): void {
  const whole = from + ((n & ~3) << 2);
  for (; from < whole; from += 16, dst += 32) {
    v128.store(dst, f64x2.promote_low_f32x4(v128.load64_zero(from)));
    v128.store(dst, f64x2.promote_low_f32x4(v128.load64_zero(from, 8)), 16);
  }
  for (const end = whole + ((n & 3) << 2); from < end; from += 4, dst += 8) store<f64>(dst, load<f32>(from));
}

/** n numbers of float32 at `dst` ← a. */
export function narrow(dst: usize, a: usize, aStep: usize, n: i32): void {
  const whole = dst + ((n & ~3) << 2);
  for (; dst < whole; dst += 16, a += 2 * aStep) {
    const low = f32x4.demote_f64x2_zero(v128.load(a));
    const high = f32x4.demote_f64x2_zero(v128.load(a + aStep));
    v128.store(dst, v128.shuffle<i64>(low, high, 0, 2));
  }
  for (const end = whole + ((n & 3) << 2); dst < end; dst += 4, a += aStep >> 1) store<f32>(dst, <f32>load<f64>(a));
}

/** Σ a·b over n elements, in two lanes. */
export function dot(a: usize, b: usize, bStep: usize, n: i32): v128 {
  let s = f64x2.splat(0);
  let t = s;
  let u = s;
  let v = s;
  const whole = a + ((n & ~7) << 3);
  for (; a < whole; a += 64, b += 4 * bStep) {
    s = f64x2.add(s, f64x2.mul(v128.load(a), v128.load(b)));
    t = f64x2.add(t, f64x2.mul(v128.load(a, 16), v128.load(b + bStep)));
    u = f64x2.add(u, f64x2.mul(v128.load(a, 32), v128.load(b + 2 * bStep)));
    v = f64x2.add(v, f64x2.mul(v128.load(a, 48), v128.load(b + 3 * bStep)));
  }
  let rest: f64 = 0;
  for (const end = whole + ((n & 7) << 3); a < end; a += 8, b += bStep >> 1) rest += load<f64>(a) * load<f64>(b);
  return f64x2.add(f64x2.add(f64x2.add(s, t), f64x2.add(u, v)), f64x2.replace_lane(f64x2.splat(0), 0, rest));
}
