/**
 * Causal attention over rotated queries and keys, one (row of the batch, head) a task. Scores exist for one block of
 * query rows at a time and only up to the diagonal (and back to the window's start): masked blocks are never computed,
 * probabilities never kept. The backward pass rebuilds them from each row's log-sum.
 */
import { exponentials, largest, reserve, rotateRows, rowDot } from './attention-rows';
import { at, log1 } from './math';
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
  /** [batch · T] int32: the first position a token may look at, nondecreasing in a row; 0 where every row is one sequence. */
  starts: usize;
  y: usize;
  /** [batch · heads, T] */
  logSums: usize;
  dy: usize;
  dQuery: usize;
  dKey: usize;
  dValue: usize;
}

/** First position the query at `row` of sequence `b` looks at. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function firstSeen(p: Attention, b: i32, row: i32): i32 {
  const start = p.starts == 0 ? 0 : load<i32>(at(p.starts, b * p.T + row));
  return max(start, row - p.window + 1);
}

/** First column a block of queries needs: what its first row looks at, rounded down to a panel. */
// @ts-ignore: decorators are AssemblyScript's
@inline
function firstColumn(p: Attention, b: i32, row: i32): i32 {
  const start = firstSeen(p, b, row);
  return start - (start % p.width);
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
    const from = firstColumn(p, b, i);
    const columns = i + rows - from;
    const angles = at(0, i * half);
    rotateRows(at(query, i * D), D, queries, d, rows, half, p.cos + angles, p.sin + angles, 1, scale);
    multiplyPanels(rows, columns, d, queries, (d as usize) << 2, 4, at(keys, from * d), keyStep, scores, scoreStride, false, width, scratch);
    for (let r: i32 = 0; r < rows; r++) {
      const row = at(scores, r * scoreStride);
      const lo = firstSeen(p, b, i + r) - from;
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
      const from = firstColumn(p, b, i);
      const columns = i + rows - from;
      const angles = at(0, i * half);
      rotateRows(at(query, i * D), D, queries, d, rows, half, p.cos + angles, p.sin + angles, 1, scale);
      packAll(false, queries, d, d, rows, queryPanels, width);
      packAll(false, at(dy, i * D), D, d, rows, dyPanels, width);
      multiplyPanels(rows, columns, d, queries, (d as usize) << 2, 4, at(keyColumns, from * d), step, scores, scoreStride, false, width, scratch);
      multiplyPanels(rows, columns, d, at(dy, i * D), (D as usize) << 2, 4, at(valueColumns, from * d), step, dScores, scoreStride, false, width, scratch);
      for (let r: i32 = 0; r < rows; r++) {
        const row = at(scores, r * scoreStride);
        const lo = firstSeen(p, b, i + r) - from;
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
