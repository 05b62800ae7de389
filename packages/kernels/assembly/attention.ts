/**
 * Causal attention over rotated queries and keys, one (row of the batch, head) a task. Scores exist for one block of
 * query rows at a time and only up to the diagonal (and back to the window's start): masked blocks are never computed,
 * probabilities never kept. The backward pass rebuilds them from each row's log-sum.
 */
import { at, exp4, fma, log1, max4, sum4 } from './math';
import { depthBlock, multiplyPanels, packAll, packedFloats } from './panels';

@unmanaged
export class Attention {
  batch: i32;
  T: i32;
  heads: i32;
  keyValueHeads: i32;
  headDim: i32;
  window: i32;
  width: i32;
  /** Query rows of a block. */
  block: i32;
  query: usize;
  key: usize;
  value: usize;
  cos: usize;
  sin: usize;
  y: usize;
  /** [batch · heads, T] */
  logSums: usize;
  dy: usize;
  dQuery: usize;
  dKey: usize;
  dValue: usize;
}

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
function reserve(cursor: usize, floats: i32): usize {
  return (at(cursor, floats) + 63) & ~63;
}

/** First column a block of queries needs: the window's start, rounded down to a panel. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function firstColumn(p: Attention, row: i32): i32 {
  const start = max(0, row - p.window + 1);
  return start - (start % p.width);
}

/** exp(s − shift) in [lo, hi), zero elsewhere in [0, columns); returns the sum. The row has room up to a multiple of 8. */
function exponentials(s: usize, lo: i32, hi: i32, columns: i32, shift: f32, scratch: usize): f32 {
  const shifts = f32x4.splat(shift);
  let u = f32x4.splat(0);
  let w = u;
  for (let j: i32 = 0; j < lo; j++) store<f32>(at(s, j), 0);
  let j = lo;
  for (; j + 8 <= hi; j += 8) {
    const p = at(s, j);
    const e = exp4(f32x4.sub(v128.load(p), shifts));
    const f = exp4(f32x4.sub(v128.load(p, 16), shifts));
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
    v128.store(p, exp4(f32x4.sub(v128.load(p), shifts)));
    const end = min(j + 4, hi);
    for (let i = j; i < end; i++) sum += load<f32>(at(s, i));
  }
  for (j = hi; j < columns; j++) store<f32>(at(s, j), 0);
  return sum;
}

function largest(s: usize, lo: i32, hi: i32, scratch: usize): f32 {
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

/** C (+)= A · B through depth blocks, B packed in one deep range of `packedDepth`, used from `from` on. */
function multiplyDeep(
  rows: i32, columns: i32, from: i32, to: i32, a: usize, rowStride: usize, panels: usize, packedDepth: i32,
  c: usize, stride: i32, width: i32, edge: usize,
): void {
  const step = ((packedDepth * width) as usize) << 2;
  for (let k = from; k < to; k += depthBlock)
    multiplyPanels(rows, columns, min(depthBlock, to - k), at(a, k - from), rowStride, 4,
      at(panels, k * width), step, c, stride, k > from, width, edge);
}

export function attentionTask(task: i32, p: Attention, scratch: usize): void {
  const T = p.T, d = p.headDim, half = d >> 1, width = p.width;
  const b = task / p.heads, h = task % p.heads, g = h / (p.heads / p.keyValueHeads);
  const D = p.heads * d, E = p.keyValueHeads * d;
  const scoreStride = (T + 31) & ~15;
  const rotated = scratch + 512;
  const keys = reserve(rotated, T * d);
  const values = reserve(keys, packedFloats(d, T, width));
  const queries = reserve(values, packedFloats(T, d, width));
  const scores = reserve(queries, p.block * d);
  const query = at(p.query, b * T * D + h * d);
  const y = at(p.y, b * T * D + h * d);

  rotateRows(at(p.key, b * T * E + g * d), E, rotated, d, T, half, p.cos, p.sin, 1, 1);
  packAll(true, rotated, d, T, d, keys, width);
  packAll(false, at(p.value, b * T * E + g * d), E, d, T, values, width);
  const scale: f32 = 1 / Mathf.sqrt(d as f32);
  const keyStep = ((d * width) as usize) << 2;

  for (let i: i32 = 0; i < T; i += p.block) {
    const rows = min(p.block, T - i);
    const from = firstColumn(p, i);
    const columns = i + rows - from;
    const angles = at(0, i * half);
    rotateRows(at(query, i * D), D, queries, d, rows, half, p.cos + angles, p.sin + angles, 1, scale);
    multiplyPanels(rows, columns, d, queries, (d as usize) << 2, 4, at(keys, from * d), keyStep, scores, scoreStride, false, width, scratch);
    for (let r: i32 = 0; r < rows; r++) {
      const row = at(scores, r * scoreStride);
      const lo = max(0, i + r - p.window + 1) - from;
      const hi = i + r + 1 - from;
      const top = largest(row, lo, hi, scratch);
      const sum = exponentials(row, lo, hi, columns, top, scratch);
      store<f32>(at(p.logSums, (b * p.heads + h) * T + i + r), top + log1(sum));
      const inverse = f32x4.splat(1 / sum);
      for (let j: i32 = 0; j < columns; j += 8) {
        const s = at(row, j);
        v128.store(s, f32x4.mul(v128.load(s), inverse));
        v128.store(s, f32x4.mul(v128.load(s, 16), inverse), 16);
      }
    }
    multiplyDeep(rows, d, from, from + columns, scores, (scoreStride as usize) << 2, values, T, at(y, i * D), D, width, scratch);
  }
}

/** Gradients of one key-value head: the query heads that share it add up in order, so the sums never depend on threads. */
export function attentionGradientTask(task: i32, p: Attention, scratch: usize): void {
  const T = p.T, d = p.headDim, half = d >> 1, width = p.width;
  const group = p.heads / p.keyValueHeads;
  const b = task / p.keyValueHeads, g = task % p.keyValueHeads;
  const D = p.heads * d, E = p.keyValueHeads * d;
  const scoreStride = (T + 31) & ~15;
  const padded = packedFloats(T, d, width);
  const block = p.block;
  const rotated = scratch + 512;
  const keyColumns = reserve(rotated, T * d);
  const keyRows = reserve(keyColumns, packedFloats(d, T, width));
  const valueColumns = reserve(keyRows, padded);
  const dKey = reserve(valueColumns, packedFloats(d, T, width));
  const dValue = reserve(dKey, T * d);
  const queries = reserve(dValue, T * d);
  const queryPanels = reserve(queries, block * d);
  const dyPanels = reserve(queryPanels, packedFloats(block, d, width));
  const dQuery = reserve(dyPanels, packedFloats(block, d, width));
  const scores = reserve(dQuery, block * d);
  const dScores = reserve(scores, block * scoreStride);
  const scale: f32 = 1 / Mathf.sqrt(d as f32);
  const step = ((d * width) as usize) << 2;
  const scoreBytes = (scoreStride as usize) << 2;

  rotateRows(at(p.key, b * T * E + g * d), E, rotated, d, T, half, p.cos, p.sin, 1, 1);
  packAll(true, rotated, d, T, d, keyColumns, width);
  packAll(false, rotated, d, d, T, keyRows, width);
  packAll(true, at(p.value, b * T * E + g * d), E, T, d, valueColumns, width);
  memory.fill(dKey, 0, ((T * d) as usize) << 2);
  memory.fill(dValue, 0, ((T * d) as usize) << 2);

  for (let h = g * group; h < (g + 1) * group; h++) {
    const query = at(p.query, b * T * D + h * d);
    const dy = at(p.dy, b * T * D + h * d);
    const y = at(p.y, b * T * D + h * d);
    for (let i: i32 = 0; i < T; i += block) {
      const rows = min(block, T - i);
      const from = firstColumn(p, i);
      const columns = i + rows - from;
      const angles = at(0, i * half);
      rotateRows(at(query, i * D), D, queries, d, rows, half, p.cos + angles, p.sin + angles, 1, scale);
      packAll(false, queries, d, d, rows, queryPanels, width);
      packAll(false, at(dy, i * D), D, d, rows, dyPanels, width);
      multiplyPanels(rows, columns, d, queries, (d as usize) << 2, 4, at(keyColumns, from * d), step, scores, scoreStride, false, width, scratch);
      multiplyPanels(rows, columns, d, at(dy, i * D), (D as usize) << 2, 4, at(valueColumns, from * d), step, dScores, scoreStride, false, width, scratch);
      for (let r: i32 = 0; r < rows; r++) {
        const row = at(scores, r * scoreStride);
        const lo = max(0, i + r - p.window + 1) - from;
        exponentials(row, lo, i + r + 1 - from, columns, load<f32>(at(p.logSums, (b * p.heads + h) * T + i + r)), scratch);
        scoreGradients(row, at(dScores, r * scoreStride), columns, rowDot(at(dy, (i + r) * D), at(y, (i + r) * D), d));
      }
      const rowStep = ((rows * width) as usize) << 2;
      multiplyPanels(columns, d, rows, scores, 4, scoreBytes, dyPanels, rowStep, at(dValue, from * d), d, true, width, scratch);
      multiplyPanels(columns, d, rows, dScores, 4, scoreBytes, queryPanels, rowStep, at(dKey, from * d), d, true, width, scratch);
      multiplyDeep(rows, d, from, from + columns, dScores, scoreBytes, keyRows, T, dQuery, d, width, scratch);
      rotateRows(dQuery, d, at(p.dQuery, (b * T + i) * D + h * d), D, rows, half, p.cos + angles, p.sin + angles, -1, scale);
    }
  }
  rotateRows(dKey, d, at(p.dKey, b * T * E + g * d), E, T, half, p.cos, p.sin, -1, 1);
  for (let t: i32 = 0; t < T; t++)
    memory.copy(at(p.dValue, (b * T + t) * E + g * d), at(dValue, t * d), (d as usize) << 2);
}

/** dS = P ∘ (dP − Σⱼ dPⱼ Pⱼ), where the sum equals dy · y. */
function scoreGradients(p: usize, dp: usize, columns: i32, inner: f32): void {
  const inners = f32x4.splat(inner);
  for (let j: i32 = 0; j < columns; j += 8) {
    const o = at(0, j);
    v128.store(dp + o, f32x4.mul(v128.load(p + o), f32x4.sub(v128.load(dp + o), inners)));
    v128.store(dp + o, f32x4.mul(v128.load(p + o, 16), f32x4.sub(v128.load(dp + o, 16), inners)), 16);
  }
}

function rowDot(x: usize, y: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  let j: i32 = 0;
  for (; j + 4 <= n; j += 4) s = fma(v128.load(at(x, j)), v128.load(at(y, j)), s);
  let sum = sum4(s);
  for (; j < n; j++) sum += load<f32>(at(x, j)) * load<f32>(at(y, j));
  return sum;
}

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
