/**
 * Products of a few rows with interleaved weights (see `interleave`). Quants become float32 in registers, as `unpack` would make them
 * to the last bit, and each number is summed in the very order of the large product.
 */
import { groupRows, wordBytes } from './interleave';
import { at, fma } from './math';
import { depthBlock, multiplyPanels } from './panels';
import { BF16, block, exponents, F16, Q4_0, Q4_1, Q8_0 } from './unpack';

@unmanaged
export class Interleaved {
  kind: i32;
  M: i32;
  N: i32;
  K: i32;
  a: usize;
  b: usize;
  c: usize;
  /** Groups of sixteen weight rows a task handles, and the bytes of one. */
  step: i32;
  groupBytes: i32;
  /** Columns of a panel, where A has more than one row. */
  width: i32;
}

export function interleavedTask(task: i32, p: Interleaved, scratch: usize): void {
  const groups = (p.N + groupRows - 1) / groupRows;
  const last = min(groups, (task + 1) * p.step);
  for (let group = task * p.step; group < last; group++) {
    const weights = p.b + (p.groupBytes as usize) * group;
    const first = group * groupRows;
    if (p.M == 1) oneRow(p, weights, at(p.c, first), min(groupRows, p.N - first), scratch);
    else fewRows(p, weights, at(p.c, first), min(groupRows, p.N - first), scratch);
  }
}

/** One row of A: sixteen sums in four registers. */
function oneRow(p: Interleaved, weights: usize, c: usize, count: i32, scratch: usize): void {
  constants(p.kind, scratch);
  const to = count == groupRows ? c : scratch + 64;
  for (let k: i32 = 0; k < p.K; k += depthBlock) {
    const depth = min(depthBlock, p.K - k);
    const x = at(p.a, k);
    if (p.kind == Q8_0) weights = dotsOfQ8_0(weights, x, depth, to, k > 0, scratch);
    else if (p.kind == Q4_0) weights = dotsOfQ4_0(weights, x, depth, to, k > 0, scratch);
    else if (p.kind == Q4_1) weights = dotsOfQ4_1(weights, x, depth, to, k > 0, scratch);
    else if (p.kind == F16) weights = dotsOfF16(weights, x, depth, to, k > 0, scratch);
    else weights = dotsOfBF16(weights, x, depth, to, k > 0, scratch);
  }
  if (count < groupRows) memory.copy(c, to, (count as usize) << 2);
}

/** More rows: a depth block of the weights becomes a panel of float32 that the first-level cache holds. */
function fewRows(p: Interleaved, weights: usize, c: usize, count: i32, scratch: usize): void {
  constants(p.kind, scratch);
  const edge = scratch + 64;
  const panel = scratch + 512;
  for (let k: i32 = 0; k < p.K; k += depthBlock) {
    const depth = min(depthBlock, p.K - k);
    // Two narrow panels, or one wide one.
    const second = p.width == 16 ? 32 : (depth as usize) << 5;
    const step: usize = p.width == 16 ? 64 : 32;
    if (p.kind == Q8_0) weights = spread(Q8_0, weights, depth, panel, second, step, scratch);
    else if (p.kind == Q4_0) weights = spread(Q4_0, weights, depth, panel, second, step, scratch);
    else if (p.kind == Q4_1) weights = spread(Q4_1, weights, depth, panel, second, step, scratch);
    else if (p.kind == F16) weights = spread(F16, weights, depth, panel, second, step, scratch);
    else weights = spread(BF16, weights, depth, panel, second, step, scratch);
    multiplyPanels(p.M, count, depth, at(p.a, k), (p.K as usize) << 2, 4, panel, second, c, p.N, k > 0, p.width, edge);
  }
}

/** Numbers for `value`, in memory: V8 would build a vector constant anew wherever it is used. */
function constants(kind: i32, scratch: usize): void {
  store<u32>(scratch, kind == F16 ? 0x8fffe000 : 0xffff0000);
  store<f32>(scratch, exponents, 4);
}

/** Number j of each lane's word, as float32. Shifts by constants: V8 pairs them. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function value(kind: i32, word: v128, j: i32, d: v128, m: v128, mask: v128, scale: v128): v128 {
  if (kind == BF16) return j == 0 ? i32x4.shl(word, 16) : v128.and(word, mask);
  if (kind == F16) {
    // The exponent's five bits go to the end of float32's eight; what the sign leaves behind between is wiped out.
    const bits = j == 0 ? i32x4.shl(word, 16) : word;
    return f32x4.mul(v128.and(i32x4.shr_s(bits, 3), mask), scale);
  }
  const bits: i32 = kind == Q8_0 ? 8 : 4;
  const begin = kind == Q8_0 ? 8 * j : j < 4 ? 8 * j : 8 * j - 28;
  const top = begin + bits == 32 ? word : i32x4.shl(word, 32 - bits - begin);
  if (kind == Q4_1) return fma(f32x4.convert_i32x4_s(i32x4.shr_u(top, 28)), d, m);
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_s(top, 32 - bits)), d);
}

/** Sixteen sums over a depth range, written or added; returns where the next range of the weights begins. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function dots(kind: i32, from: usize, row: usize, depth: i32, to: usize, accumulate: bool, scratch: usize): usize {
  let weights = from, x = row;
  const mask = v128.load_splat<u32>(scratch);
  const scale = v128.load_splat<f32>(scratch, 4);
  let a = f32x4.splat(0), b = a, c = a, d = a;
  let d0 = a, d1 = a, d2 = a, d3 = a, m0 = a, m1 = a, m2 = a, m3 = a;
  let k: i32 = 0;
  while (k < depth) {
    const end = kind >= Q8_0 ? k + block : depth;
    if (kind >= Q8_0) {
      d0 = v128.load(weights);
      d1 = v128.load(weights, 16);
      d2 = v128.load(weights, 32);
      d3 = v128.load(weights, 48);
      weights += wordBytes;
    }
    if (kind == Q4_1) {
      m0 = v128.load(weights);
      m1 = v128.load(weights, 16);
      m2 = v128.load(weights, 32);
      m3 = v128.load(weights, 48);
      weights += wordBytes;
    }
    for (; k < end; k += numbers(kind)) {
      const w0 = v128.load(weights);
      const w1 = v128.load(weights, 16);
      const w2 = v128.load(weights, 32);
      const w3 = v128.load(weights, 48);
      let y: v128;
      y = v128.load_splat<f32>(x);
      a = fma(y, value(kind, w0, 0, d0, m0, mask, scale), a);
      b = fma(y, value(kind, w1, 0, d1, m1, mask, scale), b);
      c = fma(y, value(kind, w2, 0, d2, m2, mask, scale), c);
      d = fma(y, value(kind, w3, 0, d3, m3, mask, scale), d);
      y = v128.load_splat<f32>(x, 4);
      a = fma(y, value(kind, w0, 1, d0, m0, mask, scale), a);
      b = fma(y, value(kind, w1, 1, d1, m1, mask, scale), b);
      c = fma(y, value(kind, w2, 1, d2, m2, mask, scale), c);
      d = fma(y, value(kind, w3, 1, d3, m3, mask, scale), d);
      if (numbers(kind) > 2) {
        y = v128.load_splat<f32>(x, 8);
        a = fma(y, value(kind, w0, 2, d0, m0, mask, scale), a);
        b = fma(y, value(kind, w1, 2, d1, m1, mask, scale), b);
        c = fma(y, value(kind, w2, 2, d2, m2, mask, scale), c);
        d = fma(y, value(kind, w3, 2, d3, m3, mask, scale), d);
        y = v128.load_splat<f32>(x, 12);
        a = fma(y, value(kind, w0, 3, d0, m0, mask, scale), a);
        b = fma(y, value(kind, w1, 3, d1, m1, mask, scale), b);
        c = fma(y, value(kind, w2, 3, d2, m2, mask, scale), c);
        d = fma(y, value(kind, w3, 3, d3, m3, mask, scale), d);
      }
      if (numbers(kind) > 4) {
        y = v128.load_splat<f32>(x, 16);
        a = fma(y, value(kind, w0, 4, d0, m0, mask, scale), a);
        b = fma(y, value(kind, w1, 4, d1, m1, mask, scale), b);
        c = fma(y, value(kind, w2, 4, d2, m2, mask, scale), c);
        d = fma(y, value(kind, w3, 4, d3, m3, mask, scale), d);
        y = v128.load_splat<f32>(x, 20);
        a = fma(y, value(kind, w0, 5, d0, m0, mask, scale), a);
        b = fma(y, value(kind, w1, 5, d1, m1, mask, scale), b);
        c = fma(y, value(kind, w2, 5, d2, m2, mask, scale), c);
        d = fma(y, value(kind, w3, 5, d3, m3, mask, scale), d);
        y = v128.load_splat<f32>(x, 24);
        a = fma(y, value(kind, w0, 6, d0, m0, mask, scale), a);
        b = fma(y, value(kind, w1, 6, d1, m1, mask, scale), b);
        c = fma(y, value(kind, w2, 6, d2, m2, mask, scale), c);
        d = fma(y, value(kind, w3, 6, d3, m3, mask, scale), d);
        y = v128.load_splat<f32>(x, 28);
        a = fma(y, value(kind, w0, 7, d0, m0, mask, scale), a);
        b = fma(y, value(kind, w1, 7, d1, m1, mask, scale), b);
        c = fma(y, value(kind, w2, 7, d2, m2, mask, scale), c);
        d = fma(y, value(kind, w3, 7, d3, m3, mask, scale), d);
      }
      weights += wordBytes;
      x += (numbers(kind) as usize) << 2;
    }
  }
  if (accumulate) {
    a = f32x4.add(v128.load(to), a);
    b = f32x4.add(v128.load(to, 16), b);
    c = f32x4.add(v128.load(to, 32), c);
    d = f32x4.add(v128.load(to, 48), d);
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
  return weights;
}

/** A depth range of sixteen rows as float32, number by number: the first eight rows at `into`, the others `second` bytes behind. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function spread(kind: i32, from: usize, depth: i32, into: usize, second: usize, step: usize, scratch: usize): usize {
  let weights = from, to = into;
  const mask = v128.load_splat<u32>(scratch);
  const scale = v128.load_splat<f32>(scratch, 4);
  let d0 = f32x4.splat(0), d1 = d0, d2 = d0, d3 = d0, m0 = d0, m1 = d0, m2 = d0, m3 = d0;
  let k: i32 = 0;
  while (k < depth) {
    const end = kind >= Q8_0 ? k + block : depth;
    if (kind >= Q8_0) {
      d0 = v128.load(weights);
      d1 = v128.load(weights, 16);
      d2 = v128.load(weights, 32);
      d3 = v128.load(weights, 48);
      weights += wordBytes;
    }
    if (kind == Q4_1) {
      m0 = v128.load(weights);
      m1 = v128.load(weights, 16);
      m2 = v128.load(weights, 32);
      m3 = v128.load(weights, 48);
      weights += wordBytes;
    }
    for (; k < end; k += numbers(kind)) {
      const w0 = v128.load(weights);
      const w1 = v128.load(weights, 16);
      const w2 = v128.load(weights, 32);
      const w3 = v128.load(weights, 48);
      four(to, second, value(kind, w0, 0, d0, m0, mask, scale), value(kind, w1, 0, d1, m1, mask, scale), value(kind, w2, 0, d2, m2, mask, scale), value(kind, w3, 0, d3, m3, mask, scale));
      to += step;
      four(to, second, value(kind, w0, 1, d0, m0, mask, scale), value(kind, w1, 1, d1, m1, mask, scale), value(kind, w2, 1, d2, m2, mask, scale), value(kind, w3, 1, d3, m3, mask, scale));
      to += step;
      if (numbers(kind) > 2) {
        four(to, second, value(kind, w0, 2, d0, m0, mask, scale), value(kind, w1, 2, d1, m1, mask, scale), value(kind, w2, 2, d2, m2, mask, scale), value(kind, w3, 2, d3, m3, mask, scale));
        to += step;
        four(to, second, value(kind, w0, 3, d0, m0, mask, scale), value(kind, w1, 3, d1, m1, mask, scale), value(kind, w2, 3, d2, m2, mask, scale), value(kind, w3, 3, d3, m3, mask, scale));
        to += step;
      }
      if (numbers(kind) > 4) {
        four(to, second, value(kind, w0, 4, d0, m0, mask, scale), value(kind, w1, 4, d1, m1, mask, scale), value(kind, w2, 4, d2, m2, mask, scale), value(kind, w3, 4, d3, m3, mask, scale));
        to += step;
        four(to, second, value(kind, w0, 5, d0, m0, mask, scale), value(kind, w1, 5, d1, m1, mask, scale), value(kind, w2, 5, d2, m2, mask, scale), value(kind, w3, 5, d3, m3, mask, scale));
        to += step;
        four(to, second, value(kind, w0, 6, d0, m0, mask, scale), value(kind, w1, 6, d1, m1, mask, scale), value(kind, w2, 6, d2, m2, mask, scale), value(kind, w3, 6, d3, m3, mask, scale));
        to += step;
        four(to, second, value(kind, w0, 7, d0, m0, mask, scale), value(kind, w1, 7, d1, m1, mask, scale), value(kind, w2, 7, d2, m2, mask, scale), value(kind, w3, 7, d3, m3, mask, scale));
        to += step;
      }
      weights += wordBytes;
    }
  }
  return weights;
}

/** Numbers of a word. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function numbers(kind: i32): i32 {
  return kind == Q8_0 ? 4 : kind > Q8_0 ? 8 : 2;
}

// @ts-ignore: decorators are AssemblyScript's
@inline
function four(to: usize, second: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to + second, c);
  v128.store(to + second, d, 16);
}

function dotsOfBF16(from: usize, row: usize, depth: i32, to: usize, accumulate: bool, scratch: usize): usize {
  return dots(BF16, from, row, depth, to, accumulate, scratch);
}

function dotsOfF16(from: usize, row: usize, depth: i32, to: usize, accumulate: bool, scratch: usize): usize {
  return dots(F16, from, row, depth, to, accumulate, scratch);
}

function dotsOfQ8_0(from: usize, row: usize, depth: i32, to: usize, accumulate: bool, scratch: usize): usize {
  return dots(Q8_0, from, row, depth, to, accumulate, scratch);
}

function dotsOfQ4_0(from: usize, row: usize, depth: i32, to: usize, accumulate: bool, scratch: usize): usize {
  return dots(Q4_0, from, row, depth, to, accumulate, scratch);
}

function dotsOfQ4_1(from: usize, row: usize, depth: i32, to: usize, accumulate: bool, scratch: usize): usize {
  return dots(Q4_1, from, row, depth, to, accumulate, scratch);
}
