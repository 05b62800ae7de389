/** What attention does to single rows, in training and in decoding. */
import { at, exp4, fma, max4, numbers, sum4 } from './math';

/** to = scale · R(x): rows of `headDim`, rotated by their position's angle, or back with `direction` −1. */
export function rotateRows(
  x: usize, stride: i32, to: usize, toStride: i32, rows: i32, half: i32, cos: usize, sin: usize, direction: f32, scale: f32,
): void {
  const scales = f32x4.splat(scale);
  const turn = f32x4.splat(direction * scale);
  for (let t: i32 = 0; t < rows; t++) {
    const other = at(x, half);
    const toOther = at(to, half);
    let j: i32 = 0;
    for (; j + 4 <= half; j += 4) {
      const o = at(0, j);
      const a = v128.load(x + o);
      const b = v128.load(other + o);
      const c = f32x4.mul(v128.load(cos + o), scales);
      const s = f32x4.mul(v128.load(sin + o), turn);
      v128.store(to + o, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
      v128.store(toOther + o, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
    }
    for (; j < half; j++) {
      const o = at(0, j);
      const a = load<f32>(x + o);
      const b = load<f32>(other + o);
      const c = load<f32>(cos + o) * scale;
      const s = load<f32>(sin + o) * (direction * scale);
      store<f32>(to + o, a * c - b * s);
      store<f32>(toOther + o, b * c + a * s);
    }
    x = at(x, stride);
    to = at(to, toStride);
    cos = at(cos, half);
    sin = at(sin, half);
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
export function reserve(cursor: usize, floats: i32): usize {
  return (at(cursor, floats) + 63) & ~63;
}

/** exp(s − shift) in [lo, hi), zero elsewhere in [0, columns); returns the sum. The row has room up to a multiple of 8. */
export function exponentials(s: usize, lo: i32, hi: i32, columns: i32, shift: f32, scratch: usize): f32 {
  const k = numbers();
  const shifts = f32x4.splat(shift);
  let u = f32x4.splat(0);
  let w = u;
  for (let j: i32 = 0; j < lo; j++) store<f32>(at(s, j), 0);
  let j = lo;
  for (; j + 8 <= hi; j += 8) {
    const p = at(s, j);
    const e = exp4(f32x4.sub(v128.load(p), shifts), k);
    const f = exp4(f32x4.sub(v128.load(p, 16), shifts), k);
    v128.store(p, e);
    v128.store(p, f, 16);
    u = f32x4.add(u, e);
    w = f32x4.add(w, f);
  }
  v128.store(scratch, u);
  v128.store(scratch, w, 16);
  let sum = sum4(f32x4.add(v128.load(scratch), v128.load(scratch, 16)));
  for (; j < hi; j += 4) {
    const p = at(s, j);
    v128.store(p, exp4(f32x4.sub(v128.load(p), shifts), k));
    const end = min(j + 4, hi);
    for (let i = j; i < end; i++) sum += load<f32>(at(s, i));
  }
  for (j = hi; j < columns; j++) store<f32>(at(s, j), 0);
  return sum;
}

export function largest(s: usize, lo: i32, hi: i32, scratch: usize): f32 {
  let u = f32x4.splat(-Infinity);
  let w = u;
  let j = lo;
  for (; j + 8 <= hi; j += 8) {
    u = f32x4.pmax(u, v128.load(at(s, j)));
    w = f32x4.pmax(w, v128.load(at(s, j), 16));
  }
  v128.store(scratch, u);
  v128.store(scratch, w, 16);
  let top = max4(f32x4.pmax(v128.load(scratch), v128.load(scratch, 16)));
  for (; j < hi; j++) top = max(top, load<f32>(at(s, j)));
  return top;
}

export function rowDot(x: usize, y: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  let j: i32 = 0;
  for (; j + 4 <= n; j += 4) s = fma(v128.load(at(x, j)), v128.load(at(y, j)), s);
  let sum = sum4(s);
  for (; j < n; j++) sum += load<f32>(at(x, j)) * load<f32>(at(y, j));
  return sum;
}
