/**
 * Products of a few rows with a weight matrix [N, K], as decoding needs them: the weights are read once, where they lie.
 * One row is a list of dot products. More trade places with the weights: their transpose [K, M] is packed into
 * panels, weights stream past as the left factor, and the product is written transposed. Each number is summed in the
 * very order of the large product, so a row comes out the same, bit for bit, however many others there are.
 */
import { awaitFirst, finishFirst } from './control';
import { dots } from './dots';
import { at } from './math';
import { microNarrow, microWide } from './micro';
import { depthBlock, packPanel, tileRows } from './panels';
import { unpackRow, unpackScratch } from './unpack';

@unmanaged
export class Rows {
  M: i32;
  N: i32;
  K: i32;
  a: usize;
  b: usize;
  c: usize;
  /** Weight rows a task handles. */
  step: i32;
  /** Room for the rows in panels. */
  panels: usize;
  /** Tasks that pack, one a panel; none for one row. */
  packTasks: i32;
  width: i32;
  /** Numbers from one row of C to the next: N, or more where B is a piece of a matrix. */
  strideC: i32;
  /** How B's rows are stored (see `unpack`), 0 for float32, and the bytes of one. */
  kind: i32;
  rowBytes: i32;
}

export function rowsTask(task: i32, p: Rows, scratch: usize, control: usize): void {
  if (task < p.packTasks) {
    packRows(p, task * p.width);
    finishFirst(control);
    return;
  }
  const from = (task - p.packTasks) * p.step;
  const to = min(p.N, from + p.step);
  if (p.M == 1) return oneRow(p, from, to, scratch + 512);
  awaitFirst(control, p.packTasks);
  const padded = ((p.M + p.width - 1) / p.width) * p.width;
  const stride = (p.K as usize) << 2;
  const local = scratch + 512;
  const unpacked = at(local, (p.step + tileRows) * padded);
  for (let j = from; j < to; j += tileRows) {
    const count = min(tileRows, to - j);
    const tileWeights = weightRows(p, j, count, unpacked);
    for (let k: i32 = 0; k < p.K; k += depthBlock) {
      const depth = min(depthBlock, p.K - k);
      const weights = at(tileWeights, k);
      const last = (count - 1) as usize;
      for (let i: i32 = 0; i < p.M; i += p.width) {
        const panel = at(p.panels, padded * k + i * depth);
        const tile = at(local, (j - from) * padded + i);
        if (p.width == 16) microWide(depth, weights, stride, 4, last, panel, tile, (padded as usize) << 2, k > 0);
        else microNarrow(depth, weights, stride, 4, last, panel, tile, (padded as usize) << 2, k > 0);
      }
    }
  }
  turn(local, padded, to - from, p.M, at(p.c, from), p.strideC);
}

/** Where weight rows j … j + count lie as float32: in B itself, or unpacked at `room`, which begins with the scratch for that. */
function weightRows(p: Rows, j: i32, count: i32, room: usize): usize {
  if (p.kind == 0) return at(p.b, j * p.K);
  const rows = room + unpackScratch;
  for (let i: i32 = 0; i < count; i++)
    unpackRow(p.kind, p.b + (p.rowBytes as usize) * (j + i), p.K, at(rows, i * p.K), room);
  return rows;
}

/** Packs rows i … i + width through all depth blocks. */
function packRows(p: Rows, i: i32): void {
  const padded = ((p.M + p.width - 1) / p.width) * p.width;
  for (let k: i32 = 0; k < p.K; k += depthBlock) {
    const depth = min(depthBlock, p.K - k);
    packPanel(true, at(p.a, i * p.K + k), p.K, min(p.width, p.M - i), depth, at(p.panels, padded * k + i * depth), p.width);
  }
}

/** Writes the transpose of `rows` × `columns` numbers. */
function turn(from: usize, stride: i32, rows: i32, columns: i32, to: usize, toStride: i32): void {
  const bytes = (stride as usize) << 2;
  const toBytes = (toStride as usize) << 2;
  let c: i32 = 0;
  for (; c + 4 <= columns; c += 4) {
    let x = at(from, c);
    let y = at(to, c * toStride);
    let r: i32 = 0;
    for (; r + 4 <= rows; r += 4) {
      const r0 = v128.load(x);
      const r1 = v128.load(x + bytes);
      const r2 = v128.load(x + 2 * bytes);
      const r3 = v128.load(x + 3 * bytes);
      const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(y, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
      v128.store(y + toBytes, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
      v128.store(y + 2 * toBytes, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
      v128.store(y + 3 * toBytes, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
      x += 4 * bytes;
      y += 16;
    }
    for (; r < rows; r++)
      for (let i: i32 = 0; i < 4; i++) store<f32>(at(to, (c + i) * toStride + r), load<f32>(at(from, r * stride + c + i)));
  }
  for (; c < columns; c++)
    for (let r: i32 = 0; r < rows; r++) store<f32>(at(to, c * toStride + r), load<f32>(at(from, r * stride + c)));
}

/** Weight rows of a tile when A has one row. */
const tileOfDots: i32 = 16;

/** One row of A times weight rows from … to − 1: read where they lie, front to back. */
function oneRow(p: Rows, from: i32, to: i32, scratch: usize): void {
  const bytes = (p.K as usize) << 2;
  const unpacked = at(scratch, tileOfDots);
  for (let j = from; j < to; j += tileOfDots) {
    const count = min(tileOfDots, to - j);
    const rows = weightRows(p, j, count, unpacked);
    for (let k: i32 = 0; k < p.K; k += depthBlock)
      dots(at(p.a, k), at(rows, k), bytes, count, min(depthBlock, p.K - k), scratch, k > 0);
    memory.copy(at(p.c, j), scratch, (count as usize) << 2);
  }
}
