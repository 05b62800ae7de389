/** Attention of one new token a row against a cache. */
import { exponentials, largest, reserve, rotateRows, rowDot } from './attention-rows';
import { at, fma } from './math';

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
  const query = scratch + 512;
  const scores = reserve(query, d);
  const scale: f32 = 1 / Mathf.sqrt(d as f32);
  for (let h = g * group; h < (g + 1) * group; h++) {
    rotateRows(at(p.query, (r * p.heads + h) * d), d, query, d, 1, half, p.cos + angles, p.sin + angles, 1, scale);
    for (let j: i32 = 0; j < count; j++) store<f32>(at(scores, j), rowDot(query, at(keys, (from + j) * E), d));
    const sum = exponentials(scores, 0, count, count, largest(scores, 0, count, scratch), scratch);
    mixRows(at(p.y, (r * p.heads + h) * d), scores, at(values, from * E), E, count, d, 1 / sum);
  }
}

/** y = Σⱼ weightⱼ · rowⱼ · scale: four columns at a time, all rows. */
function mixRows(y: usize, weights: usize, rows: usize, stride: i32, count: i32, d: i32, scale: f32): void {
  const bytes = (stride as usize) << 2;
  let c: i32 = 0;
  for (; c + 16 <= d; c += 16) {
    let row = at(rows, c);
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let j: i32 = 0; j < count; j++) {
      const w = v128.load_splat<f32>(at(weights, j));
      s0 = fma(w, v128.load(row), s0);
      s1 = fma(w, v128.load(row, 16), s1);
      s2 = fma(w, v128.load(row, 32), s2);
      s3 = fma(w, v128.load(row, 48), s3);
      row += bytes;
    }
    const factor = f32x4.splat(scale);
    const to = at(y, c);
    v128.store(to, f32x4.mul(s0, factor));
    v128.store(to, f32x4.mul(s1, factor), 16);
    v128.store(to, f32x4.mul(s2, factor), 32);
    v128.store(to, f32x4.mul(s3, factor), 48);
  }
  for (; c < d; c++) {
    let sum: f32 = 0;
    for (let j: i32 = 0; j < count; j++) sum += load<f32>(at(weights, j)) * load<f32>(at(rows, j * stride + c));
    store<f32>(at(y, c), sum * scale);
  }
}
