/**
 * Products of rows rounded to int8 with interleaved weights (see `interleave`): 32 numbers of a row share one scale, their products with
 * 32 quants are summed as integers, exactly, and the sums of the blocks as float32, one after the other. No lane meets another.
 */
import { groupRows, wordBytes } from './interleave';
import { at, fma } from './math';
import { block, Q4_0, Q4_1, Q8_0 } from './unpack';

/** A rounded block: its scale, scale · sum of the integers, room, then the integers as int16, of each four neighbours 0, 2, 1, 3. */
const blockBytes: usize = 80;
const integers: usize = 16;

@unmanaged
export class Quantize {
  rows: i32;
  K: i32;
  from: usize;
  to: usize;
  /** Rows a task handles. */
  step: i32;
}

/** Rounds rows block by block: d = max |x| / 127, q = x / d to the nearest integer, of two the even one. */
export function quantizeTask(task: i32, p: Quantize): void {
  const last = min(p.rows, (task + 1) * p.step);
  const blocks = p.K / block;
  for (let row = task * p.step; row < last; row++)
    for (let b: i32 = 0; b < blocks; b++)
      quantizeBlock(at(p.from, row * p.K + b * block), p.to + blockBytes * (row * blocks + b));
}

function quantizeBlock(x: usize, to: usize): void {
  let largest: f32 = 0;
  for (let i: i32 = 0; i < block; i++) largest = max(largest, abs(load<f32>(at(x, i))));
  // What is not finite leaves its mark in the scale: each product with it is NaN. A block of next to nothing is nothing.
  const usable = largest > 1e-30 && largest <= f32.MAX_VALUE;
  const inverse: f32 = usable ? 127 / largest : 0;
  let sum: i32 = 0;
  for (let i: i32 = 0; i < block; i += 4) {
    for (let j: i32 = 0; j < 4; j++) {
      const q = usable ? <i32>nearest(load<f32>(at(x, i + j)) * inverse) : 0;
      store<i16>(to + integers + ((i + ((j & 1) << 1) + (j >> 1)) << 1), <i16>q);
      sum += q;
    }
  }
  const d: f32 = largest <= 1e-30 ? 0 : largest / 127;
  store<f32>(to, d);
  store<f32>(to, d * <f32>sum, 4);
}

@unmanaged
export class Quantized {
  kind: i32;
  M: i32;
  N: i32;
  K: i32;
  /** Rounded rows. */
  a: usize;
  b: usize;
  c: usize;
  /** Groups of sixteen weight rows a task handles, and the bytes of one. */
  step: i32;
  groupBytes: i32;
}

export function quantizedTask(task: i32, p: Quantized, scratch: usize): void {
  const groups = (p.N + groupRows - 1) / groupRows;
  const last = min(groups, (task + 1) * p.step);
  const blocks = p.K / block;
  for (let group = task * p.step; group < last; group++) {
    const weights = p.b + (p.groupBytes as usize) * group;
    const first = group * groupRows;
    const count = min(groupRows, p.N - first);
    for (let row: i32 = 0; row < p.M; row++) {
      const x = p.a + blockBytes * (row * blocks);
      const c = at(p.c, row * p.N + first);
      const to = count == groupRows ? c : scratch;
      if (p.kind == Q8_0) dotsOfQ8_0(weights, x, blocks, to);
      else if (p.kind == Q4_0) dotsOfQ4_0(weights, x, blocks, to);
      else dotsOfQ4_1(weights, x, blocks, to);
      if (count < groupRows) memory.copy(c, to, (count as usize) << 2);
    }
  }
}

/** Two integers of each lane's word, as int16: number `part` of the pairs that stand alike in both halves. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function pair(kind: i32, word: v128, part: i32): v128 {
  if (kind == Q8_0) return i16x8.shr_s(part == 0 ? i16x8.shl(word, 8) : word, 8);
  const top = part == 3 ? word : i16x8.shl(word, 12 - 4 * part);
  return kind == Q4_0 ? i16x8.shr_s(top, 12) : i16x8.shr_u(top, 12);
}

/** Sums of sixteen weight rows with one row. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function dots(kind: i32, from: usize, row: usize, blocks: i32, to: usize): void {
  let weights = from, x = row;
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (let n: i32 = 0; n < blocks; n++) {
    const scales = weights;
    weights += kind == Q4_1 ? 2 * wordBytes : wordBytes;
    const scale = v128.load_splat<f32>(x);
    const sum = v128.load_splat<f32>(x, 4);
    let y = x + integers;
    x += blockBytes;
    let i0 = i32x4.splat(0), i1 = i0, i2 = i0, i3 = i0;
    for (; y < x; y += kind == Q8_0 ? 8 : 16) {
      const w0 = v128.load(weights);
      const w1 = v128.load(weights, 16);
      const w2 = v128.load(weights, 32);
      const w3 = v128.load(weights, 48);
      let z = v128.load_splat<u32>(y);
      i0 = i32x4.add(i0, i32x4.dot_i16x8_s(pair(kind, w0, 0), z));
      i1 = i32x4.add(i1, i32x4.dot_i16x8_s(pair(kind, w1, 0), z));
      i2 = i32x4.add(i2, i32x4.dot_i16x8_s(pair(kind, w2, 0), z));
      i3 = i32x4.add(i3, i32x4.dot_i16x8_s(pair(kind, w3, 0), z));
      z = kind == Q8_0 ? v128.load_splat<u32>(y, 4) : v128.load_splat<u32>(y, 8);
      i0 = i32x4.add(i0, i32x4.dot_i16x8_s(pair(kind, w0, 1), z));
      i1 = i32x4.add(i1, i32x4.dot_i16x8_s(pair(kind, w1, 1), z));
      i2 = i32x4.add(i2, i32x4.dot_i16x8_s(pair(kind, w2, 1), z));
      i3 = i32x4.add(i3, i32x4.dot_i16x8_s(pair(kind, w3, 1), z));
      if (kind != Q8_0) {
        z = v128.load_splat<u32>(y, 4);
        i0 = i32x4.add(i0, i32x4.dot_i16x8_s(pair(kind, w0, 2), z));
        i1 = i32x4.add(i1, i32x4.dot_i16x8_s(pair(kind, w1, 2), z));
        i2 = i32x4.add(i2, i32x4.dot_i16x8_s(pair(kind, w2, 2), z));
        i3 = i32x4.add(i3, i32x4.dot_i16x8_s(pair(kind, w3, 2), z));
        z = v128.load_splat<u32>(y, 12);
        i0 = i32x4.add(i0, i32x4.dot_i16x8_s(pair(kind, w0, 3), z));
        i1 = i32x4.add(i1, i32x4.dot_i16x8_s(pair(kind, w1, 3), z));
        i2 = i32x4.add(i2, i32x4.dot_i16x8_s(pair(kind, w2, 3), z));
        i3 = i32x4.add(i3, i32x4.dot_i16x8_s(pair(kind, w3, 3), z));
      }
      weights += wordBytes;
    }
    a = fma(f32x4.convert_i32x4_s(i0), f32x4.mul(v128.load(scales), scale), a);
    b = fma(f32x4.convert_i32x4_s(i1), f32x4.mul(v128.load(scales, 16), scale), b);
    c = fma(f32x4.convert_i32x4_s(i2), f32x4.mul(v128.load(scales, 32), scale), c);
    d = fma(f32x4.convert_i32x4_s(i3), f32x4.mul(v128.load(scales, 48), scale), d);
    if (kind == Q4_1) {
      a = fma(v128.load(scales, 64), sum, a);
      b = fma(v128.load(scales, 80), sum, b);
      c = fma(v128.load(scales, 96), sum, c);
      d = fma(v128.load(scales, 112), sum, d);
    }
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

function dotsOfQ8_0(from: usize, row: usize, blocks: i32, to: usize): void {
  dots(Q8_0, from, row, blocks, to);
}

function dotsOfQ4_0(from: usize, row: usize, blocks: i32, to: usize): void {
  dots(Q4_0, from, row, blocks, to);
}

function dotsOfQ4_1(from: usize, row: usize, blocks: i32, to: usize): void {
  dots(Q4_1, from, row, blocks, to);
}
