/** Attention of one new token a row against a cache: the bits of `attentionTask` at that position. */
import { exponentials, largest, reserve, rotateRows } from './attention-rows';
import { dots, put } from './dots';
import { at, fma, fma1 } from './math';
import { depthBlock } from './panels';

@unmanaged
export class Decode {
  rows: i32;
  room: i32;
  heads: i32;
  keyValueHeads: i32;
  headDim: i32;
  window: i32;
  query: usize;
  key: usize;
  value: usize;
  keyCache: usize;
  valueCache: usize;
  positions: usize;
  cos: usize;
  sin: usize;
  y: usize;
  /** As `Attention` has them. */
  width: i32;
  block: i32;
}

/** One new token of one row, one key-value head: rotate, write into the caches, attend to what the row has so far. */
export function decodeTask(task: i32, p: Decode, scratch: usize): void {
  const d = p.headDim, half = d >> 1, group = p.heads / p.keyValueHeads;
  const r = task / p.keyValueHeads, g = task % p.keyValueHeads;
  const E = p.keyValueHeads * d;
  const position = load<i32>(at(p.positions, r));
  const angles = at(0, position * half);
  const keys = at(p.keyCache, r * p.room * E + g * d);
  const values = at(p.valueCache, r * p.room * E + g * d);
  rotateRows(at(p.key, r * E + g * d), E, at(keys, position * E), E, 1, half, p.cos + angles, p.sin + angles, 1, 1);
  memory.copy(at(values, position * E), at(p.value, r * E + g * d), (d as usize) << 2);
  const from = max(0, position - p.window + 1);
  const count = position + 1 - from;
  // Sums over the positions run in blocks that begin where those of this token's block of queries do in `attentionTask`.
  const ahead = max(0, position - (position % p.block) - p.window + 1);
  const origin = ahead - (ahead % p.width);
  const query = scratch + 512;
  const scores = reserve(query, d);
  const scale: f32 = 1 / Mathf.sqrt(d as f32);
  for (let h = g * group; h < (g + 1) * group; h++) {
    rotateRows(at(p.query, (r * p.heads + h) * d), d, query, d, 1, half, p.cos + angles, p.sin + angles, 1, scale);
    dots(query, at(keys, from * E), (E as usize) << 2, count, d, scores, false);
    const sum = exponentials(scores, 0, count, count, largest(scores, 0, count, scratch), scratch);
    const inverse: f32 = 1 / sum;
    for (let j: i32 = 0; j < count; j++) store<f32>(at(scores, j), load<f32>(at(scores, j)) * inverse);
    const y = at(p.y, (r * p.heads + h) * d);
    memory.fill(y, 0, (d as usize) << 2);
    for (let block = origin; block <= position; block += depthBlock) {
      const first = max(from, block);
      const many = min(block + depthBlock, position + 1) - first;
      if (many > 0) mixRows(y, at(scores, first - from), at(values, first * E), E, many, d, block > origin);
    }
  }
}

/** y (+)= Σⱼ weightⱼ · rowⱼ: 32 columns at a time, then four, then one, all rows. */
function mixRows(y: usize, weights: usize, rows: usize, stride: i32, count: i32, d: i32, accumulate: bool): void {
  const bytes = (stride as usize) << 2;
  let c: i32 = 0;
  for (; c + 32 <= d; c += 32) {
    let row = at(rows, c);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    for (let j: i32 = 0; j < count; j++) {
      const w = v128.load_splat<f32>(at(weights, j));
      s0 = fma(w, v128.load(row), s0);
      s1 = fma(w, v128.load(row, 16), s1);
      s2 = fma(w, v128.load(row, 32), s2);
      s3 = fma(w, v128.load(row, 48), s3);
      s4 = fma(w, v128.load(row, 64), s4);
      s5 = fma(w, v128.load(row, 80), s5);
      s6 = fma(w, v128.load(row, 96), s6);
      s7 = fma(w, v128.load(row, 112), s7);
      row += bytes;
    }
    const to = at(y, c);
    put(to, s0, accumulate);
    put(to + 16, s1, accumulate);
    put(to + 32, s2, accumulate);
    put(to + 48, s3, accumulate);
    put(to + 64, s4, accumulate);
    put(to + 80, s5, accumulate);
    put(to + 96, s6, accumulate);
    put(to + 112, s7, accumulate);
  }
  for (; c + 4 <= d; c += 4) {
    let row = at(rows, c);
    let s = f32x4.splat(0);
    for (let j: i32 = 0; j < count; j++) {
      s = fma(v128.load_splat<f32>(at(weights, j)), v128.load(row), s);
      row += bytes;
    }
    put(at(y, c), s, accumulate);
  }
  for (; c < d; c++) {
    let sum: f32 = 0;
    for (let j: i32 = 0; j < count; j++) sum = fma1(load<f32>(at(weights, j)), load<f32>(at(rows, j * stride + c)), sum);
    store<f32>(at(y, c), accumulate ? load<f32>(at(y, c)) + sum : sum);
  }
}
