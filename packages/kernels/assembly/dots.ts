/**
 * Dot products of stored rows with one row, each number summed in the very order of the large product: depth by depth,
 * one multiply-add after the other. Four rows are turned as they are read, so that a lane is a row and the lanes do not meet;
 * several fours go side by side, for a chain waits for its last multiply-add.
 */
import { at, fma } from './math';

/** x · row of sixteen neighbouring rows over `depth`, written to or added to sixteen numbers. */
function dots16(x: usize, row: usize, bytes: usize, depth: i32, to: usize, accumulate: bool): void {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  const four = bytes << 2;
  let k: i32 = 0;
  for (; k + 4 <= depth; k += 4) {
    const x0 = v128.load_splat<f32>(x);
    const x1 = v128.load_splat<f32>(x, 4);
    const x2 = v128.load_splat<f32>(x, 8);
    const x3 = v128.load_splat<f32>(x, 12);
    a = turned(row, bytes, x0, x1, x2, x3, a);
    b = turned(row + four, bytes, x0, x1, x2, x3, b);
    c = turned(row + 2 * four, bytes, x0, x1, x2, x3, c);
    d = turned(row + 3 * four, bytes, x0, x1, x2, x3, d);
    x += 16;
    row += 16;
  }
  for (; k < depth; k++) {
    const y = v128.load_splat<f32>(x);
    a = fma(y, column(row, bytes), a);
    b = fma(y, column(row + four, bytes), b);
    c = fma(y, column(row + 2 * four, bytes), c);
    d = fma(y, column(row + 3 * four, bytes), d);
    x += 4;
    row += 4;
  }
  put(to, a, accumulate);
  put(to + 16, b, accumulate);
  put(to + 32, c, accumulate);
  put(to + 48, d, accumulate);
}

/** x · row of `count` ≤ 4 neighbouring rows, the last one repeated; four numbers are written. */
function dots4(x: usize, row: usize, bytes: usize, count: i32, depth: i32, to: usize, accumulate: bool): void {
  const r1 = bytes * min(1, count - 1), r2 = bytes * min(2, count - 1), r3 = bytes * min(3, count - 1);
  let a = f32x4.splat(0);
  for (let k: i32 = 0; k < depth; k++) {
    const y = f32x4.replace_lane(v128.load_splat<f32>(row), 1, load<f32>(row + r1));
    const z = f32x4.replace_lane(f32x4.replace_lane(y, 2, load<f32>(row + r2)), 3, load<f32>(row + r3));
    a = fma(v128.load_splat<f32>(x), z, a);
    x += 4;
    row += 4;
  }
  put(to, a, accumulate);
}

/** x · row of any number of neighbouring rows over `depth`; room for three numbers more is written over. */
export function dots(x: usize, row: usize, bytes: usize, count: i32, depth: i32, to: usize, accumulate: bool): void {
  let j: i32 = 0;
  for (; j + 16 <= count; j += 16) dots16(x, row + bytes * j, bytes, depth, at(to, j), accumulate);
  for (; j < count; j += 4) dots4(x, row + bytes * j, bytes, min(4, count - j), depth, at(to, j), accumulate);
}

/** Four steps of four chains: sixteen numbers of four rows, turned. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function turned(row: usize, bytes: usize, x0: v128, x1: v128, x2: v128, x3: v128, sum: v128): v128 {
  const r0 = v128.load(row);
  const r1 = v128.load(row + bytes);
  const r2 = v128.load(row + 2 * bytes);
  const r3 = v128.load(row + 3 * bytes);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  const s = fma(x1, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), fma(x0, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5), sum));
  return fma(x3, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), fma(x2, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), s));
}

/** The first number of four rows. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function column(row: usize, bytes: usize): v128 {
  const y = f32x4.replace_lane(v128.load_splat<f32>(row), 1, load<f32>(row + bytes));
  return f32x4.replace_lane(f32x4.replace_lane(y, 2, load<f32>(row + 2 * bytes)), 3, load<f32>(row + 3 * bytes));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
export function put(to: usize, sum: v128, accumulate: bool): void {
  v128.store(to, accumulate ? f32x4.add(v128.load(to), sum) : sum);
}
