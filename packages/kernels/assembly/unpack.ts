/**
 * Rows stored in fewer bits, to float32: the numbers that `@svo/files` reads, to the last bit. Every product here is exact in
 * float32, and a sum is rounded once.
 */
import { at } from './math';

/** How a row is stored; the host's `stored-kinds.ts` holds the same list. Of 0, plain float32, no row is unpacked. */
export const BF16: i32 = 1;
export const F16: i32 = 2;
export const Q8_0: i32 = 3;
export const Q4_0: i32 = 4;
export const Q4_1: i32 = 5;

/** Numbers of a block of Q8_0, Q4_0 and Q4_1. */
export const block: i32 = 32;
/** Scratch that `unpackRow` needs: one block. */
export const unpackScratch: i32 = block * 4;

@unmanaged
export class Unpack {
  kind: i32;
  rows: i32;
  K: i32;
  rowBytes: i32;
  from: usize;
  to: usize;
  /** Rows a task handles. */
  step: i32;
}

export function unpackTask(task: i32, p: Unpack, scratch: usize): void {
  const last = min(p.rows, (task + 1) * p.step);
  for (let row = task * p.step; row < last; row++)
    unpackRow(p.kind, p.from + (p.rowBytes as usize) * row, p.K, at(p.to, row * p.K), scratch);
}

/** One row of K numbers; `scratch` holds a last block that is wider than what is left of the row. */
export function unpackRow(kind: i32, from: usize, K: i32, to: usize, scratch: usize): void {
  if (kind == BF16) return unpackBfloat16(from, K, to);
  if (kind == F16) return unpackFloat16(from, K, to);
  const bytes: usize = kind == Q8_0 ? 34 : kind == Q4_0 ? 18 : 20;
  let k: i32 = 0;
  for (; k + block <= K; k += block) {
    unpackBlock(kind, from, at(to, k));
    from += bytes;
  }
  if (k == K) return;
  unpackBlock(kind, from, scratch);
  memory.copy(at(to, k), scratch, ((K - k) as usize) << 2);
}

/** A bfloat16 is the upper half of its float32. (Two loads that extend, shifted, are paired wrongly by V8 of Node 24.) */
function unpackBfloat16(from: usize, K: i32, to: usize): void {
  const zero = i32x4.splat(0);
  let k: i32 = 0;
  for (; k + 8 <= K; k += 8) {
    const bits = v128.load(from);
    const low = v128.shuffle<i16>(zero, bits, 0, 8, 1, 9, 2, 10, 3, 11);
    const high = v128.shuffle<i16>(zero, bits, 4, 12, 5, 13, 6, 14, 7, 15);
    v128.store(to, low);
    v128.store(to, high, 16);
    from += 16;
    to += 32;
  }
  for (; k < K; k++) {
    store<u32>(to, (load<u16>(from) as u32) << 16);
    from += 2;
    to += 4;
  }
}

/** 2¹¹²: what a float16's exponent lacks where its bits lie in those of a float32. The product is exact, subnormals included. */
export const exponents: f32 = reinterpret<f32>(0x77800000);

// @ts-ignore: decorators are AssemblyScript's
@inline
export function half1(bits: u32): f32 {
  const magnitude = (bits & 0x7fff) << 13;
  const finite = reinterpret<u32>(reinterpret<f32>(magnitude) * exponents);
  const value = (bits & 0x7c00) == 0x7c00 ? magnitude | 0x7f800000 : finite;
  return reinterpret<f32>(value | ((bits & 0x8000) << 16));
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function half4(bits: v128): v128 {
  const magnitude = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
  const finite = f32x4.mul(magnitude, f32x4.splat(exponents));
  const special = i32x4.eq(v128.and(bits, i32x4.splat(0x7c00)), i32x4.splat(0x7c00));
  const value = v128.bitselect(v128.or(magnitude, i32x4.splat(0x7f800000)), finite, special);
  return v128.or(value, i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16));
}

function unpackFloat16(from: usize, K: i32, to: usize): void {
  let k: i32 = 0;
  for (; k + 8 <= K; k += 8) {
    const bits = v128.load(from);
    const low = half4(i32x4.extend_low_i16x8_u(bits));
    const high = half4(i32x4.extend_high_i16x8_u(bits));
    v128.store(to, low);
    v128.store(to, high, 16);
    from += 16;
    to += 32;
  }
  for (; k < K; k++) {
    store<f32>(to, half1(load<u16>(from)));
    from += 2;
    to += 4;
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function unpackBlock(kind: i32, from: usize, to: usize): void {
  const d = f32x4.splat(half1(load<u16>(from)));
  if (kind == Q8_0) {
    for (let i: usize = 0; i < 32; i += 8) {
      const eight = v128.load_ext<i8>(from + 2 + i);
      v128.store(to + (i << 2), scaled(i32x4.extend_low_i16x8_s(eight), d));
      v128.store(to + (i << 2), scaled(i32x4.extend_high_i16x8_s(eight), d), 16);
    }
  } else if (kind == Q4_0) {
    const bytes = v128.load(from + 2);
    const eight = i8x16.splat(8);
    const low = i8x16.sub(v128.and(bytes, i8x16.splat(15)), eight);
    const high = i8x16.sub(i8x16.shr_u(bytes, 4), eight);
    const zero = f32x4.splat(-0.0);
    sixteen(low, d, zero, to);
    sixteen(high, d, zero, to + 64);
  } else {
    const bytes = v128.load(from + 4);
    const m = f32x4.splat(half1(load<u16>(from + 2)));
    sixteen(v128.and(bytes, i8x16.splat(15)), d, m, to);
    sixteen(i8x16.shr_u(bytes, 4), d, m, to + 64);
  }
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function scaled(quants: v128, d: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(quants), d);
}

/** Sixteen quants of 8 bits to d·q + m. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function sixteen(quants: v128, d: v128, m: v128, to: usize): void {
  const low = i16x8.extend_low_i8x16_s(quants);
  const high = i16x8.extend_high_i8x16_s(quants);
  v128.store(to, f32x4.add(scaled(i32x4.extend_low_i16x8_s(low), d), m));
  v128.store(to, f32x4.add(scaled(i32x4.extend_high_i16x8_s(low), d), m), 16);
  v128.store(to, f32x4.add(scaled(i32x4.extend_low_i16x8_s(high), d), m), 32);
  v128.store(to, f32x4.add(scaled(i32x4.extend_high_i16x8_s(high), d), m), 48);
}
