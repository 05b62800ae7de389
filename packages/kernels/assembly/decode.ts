/** Attention of one new token a row against a cache. */
import { exponentials, largest, reserve, rotateRows } from './attention-rows';
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
    for (let j: i32 = 0; j < count; j += 4) fourDots(query, at(keys, (from + j) * E), E, min(4, count - j), d, at(scores, j));
    const sum = exponentials(scores, 0, count, count, largest(scores, 0, count, scratch), scratch);
    mixRows(at(p.y, (r * p.heads + h) * d), scores, at(values, from * E), E, count, d, 1 / sum);
  }
}

/** x · row for four neighbouring rows at once (the last one repeated where there are fewer), four numbers written. */
function fourDots(x: usize, rows: usize, stride: i32, count: i32, d: i32, to: usize): void {
  const bytes = (stride as usize) << 2;
  const row0 = rows;
  const row1 = rows + bytes * min(1, count - 1);
  const row2 = rows + bytes * min(2, count - 1);
  const row3 = rows + bytes * min(3, count - 1);
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0, a3 = a0, b3 = a0;
  let j: i32 = 0;
  for (; j + 8 <= d; j += 8) {
    const o = at(0, j);
    const s = v128.load(x + o), t = v128.load(x + o, 16);
    a0 = fma(s, v128.load(row0 + o), a0);
    b0 = fma(t, v128.load(row0 + o, 16), b0);
    a1 = fma(s, v128.load(row1 + o), a1);
    b1 = fma(t, v128.load(row1 + o, 16), b1);
    a2 = fma(s, v128.load(row2 + o), a2);
    b2 = fma(t, v128.load(row2 + o, 16), b2);
    a3 = fma(s, v128.load(row3 + o), a3);
    b3 = fma(t, v128.load(row3 + o, 16), b3);
  }
  a0 = f32x4.add(a0, b0);
  a1 = f32x4.add(a1, b1);
  a2 = f32x4.add(a2, b2);
  a3 = f32x4.add(a3, b3);
  // Four rows of partial sums, turned and added: lane i is row i's.
  const t0 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
  let sum = f32x4.add(
    f32x4.add(v128.shuffle<f32>(t0, t1, 0, 1, 4, 5), v128.shuffle<f32>(t0, t1, 2, 3, 6, 7)),
    f32x4.add(v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), v128.shuffle<f32>(t2, t3, 2, 3, 6, 7)),
  );
  for (; j < d; j++) {
    const y = load<f32>(at(x, j));
    const z = f32x4.replace_lane(f32x4.splat(load<f32>(at(row0, j))), 1, load<f32>(at(row1, j)));
    const w = f32x4.replace_lane(f32x4.replace_lane(z, 2, load<f32>(at(row2, j))), 3, load<f32>(at(row3, j)));
    sum = fma(f32x4.splat(y), w, sum);
  }
  v128.store(to, sum);
}

/** y = Σⱼ weightⱼ · rowⱼ · scale: 32 columns at a time, then 16, all rows. */
function mixRows(y: usize, weights: usize, rows: usize, stride: i32, count: i32, d: i32, scale: f32): void {
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
    const factor = f32x4.splat(scale);
    const to = at(y, c);
    v128.store(to, f32x4.mul(s0, factor));
    v128.store(to, f32x4.mul(s1, factor), 16);
    v128.store(to, f32x4.mul(s2, factor), 32);
    v128.store(to, f32x4.mul(s3, factor), 48);
    v128.store(to, f32x4.mul(s4, factor), 64);
    v128.store(to, f32x4.mul(s5, factor), 80);
    v128.store(to, f32x4.mul(s6, factor), 96);
    v128.store(to, f32x4.mul(s7, factor), 112);
  }
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
