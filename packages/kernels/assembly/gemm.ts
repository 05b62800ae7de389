/** Matrix product, in parallel: first-phase tasks pack panels of B, second-phase tasks compute rectangles of C. */
import { awaitFirst, finishFirst } from './control';
import { at } from './math';
import { depthBlock, multiplyPanels, packPanel, tileRows } from './panels';

/** A product's arguments, laid out as the host writes them. */
@unmanaged
export class Product {
  transposeA: i32;
  transposeB: i32;
  M: i32;
  N: i32;
  K: i32;
  a: usize;
  strideA: i32;
  b: usize;
  strideB: i32;
  c: usize;
  strideC: i32;
  accumulate: i32;
  /** Room for, or already holding, the packed form of B. */
  panels: usize;
  /** Tasks that pack; 0 when the panels are ready. */
  packTasks: i32;
  /** Rows and columns of a rectangle of C. */
  tileM: i32;
  tileN: i32;
  width: i32;
  /** Panels a packing task handles. */
  packStep: i32;
}

export function productTask(task: i32, p: Product, scratch: usize, control: usize): void {
  if (task < p.packTasks) {
    packTask(task, p);
    finishFirst(control);
    return;
  }
  awaitFirst(control, p.packTasks);
  const rectangle = task - p.packTasks;
  const across = (p.N + p.tileN - 1) / p.tileN;
  const i = (rectangle / across) * p.tileM;
  const j = (rectangle % across) * p.tileN;
  const rows = min(p.tileM, p.M - i);
  const columns = min(p.tileN, p.N - j);
  const padded = ((p.N + p.width - 1) / p.width) * p.width;
  const rowStride = (p.transposeA ? (4 as i32) : p.strideA << 2) as usize;
  const depthStride = (p.transposeA ? p.strideA << 2 : (4 as i32)) as usize;
  for (let k: i32 = 0; k < p.K; k += depthBlock) {
    const depth = min(depthBlock, p.K - k);
    const panels = at(p.panels, padded * k + j * depth);
    const c = at(p.c, i * p.strideC + j);
    const step = ((depth * p.width) as usize) << 2;
    const accumulate = p.accumulate != 0 || k > 0;
    let a = p.a + rowStride * i + depthStride * k;
    if (p.transposeA) {
      // Read in place, each depth of a transposed A would touch a line of its own: gathered first, it streams.
      packColumns(a, p.strideA, rows, depth, scratch + 512);
      a = scratch + 512;
      const bytes = ((depth * tileRows) as usize) << 2;
      for (let q: i32 = 0; q < columns; q += p.width) {
        const wide = min(p.width, columns - q);
        const panel = at(panels, q * depth);
        for (let r: i32 = 0; r < rows; r += tileRows)
          multiplyPanels(min(tileRows, rows - r), wide, depth, a + bytes * (r / tileRows), 4, tileRows << 2, panel, step,
            at(c, r * p.strideC + q), p.strideC, accumulate, p.width, scratch);
      }
    } else
      multiplyPanels(rows, columns, depth, a, rowStride, 4, panels, step, c, p.strideC, accumulate, p.width, scratch);
  }
}

/**
 * Copies a stored [K, M] matrix in groups of six neighbouring columns, each depth by depth; short groups repeat their last
 * column. Read row by row: each depth lies in a page of its own, and is visited once.
 */
function packColumns(a: usize, stride: i32, columns: i32, depth: i32, to: usize): void {
  const bytes = (stride as usize) << 2;
  const group = ((depth * tileRows) as usize) << 2;
  const whole = columns - (columns % tileRows);
  for (let k: i32 = 0; k < depth; k++) {
    let from = a;
    let target = to;
    for (let i: i32 = 0; i < whole; i += tileRows) {
      v128.store(target, v128.load(from));
      store<u64>(target, load<u64>(from, 16), 16);
      from += 24;
      target += group;
    }
    if (whole < columns)
      for (let r: i32 = 0; r < tileRows; r++) store<f32>(at(target, r), load<f32>(at(from, min(r, columns - whole - 1))));
    a += bytes;
    to += 24;
  }
}

/** Packs `packStep` neighbouring panels through all depth blocks. */
function packTask(task: i32, p: Product): void {
  const padded = ((p.N + p.width - 1) / p.width) * p.width;
  const from = task * p.packStep * p.width;
  const to = min(p.N, from + p.packStep * p.width);
  for (let k: i32 = 0; k < p.K; k += depthBlock) {
    const depth = min(depthBlock, p.K - k);
    for (let j = from; j < to; j += p.width) {
      const source = at(p.b, p.transposeB ? j * p.strideB + k : k * p.strideB + j);
      packPanel(p.transposeB != 0, source, p.strideB, min(p.width, p.N - j), depth, at(p.panels, padded * k + j * depth), p.width);
    }
  }
}

/** Many small products: one task each, everything packed in the thread's own scratch. */
@unmanaged
export class Batch {
  transposeA: i32;
  transposeB: i32;
  M: i32;
  N: i32;
  K: i32;
  a: usize;
  /** Floats from one matrix to the next; 0 repeats the same one. */
  stepA: i32;
  b: usize;
  stepB: i32;
  c: usize;
  width: i32;
}

export function batchTask(task: i32, p: Batch, scratch: usize): void {
  const a = at(p.a, task * p.stepA);
  const b = at(p.b, task * p.stepB);
  const c = at(p.c, task * p.M * p.N);
  const strideA = p.transposeA ? p.M : p.K;
  const strideB = p.transposeB ? p.K : p.N;
  const rowStride = (p.transposeA ? (4 as i32) : strideA << 2) as usize;
  const depthStride = (p.transposeA ? strideA << 2 : (4 as i32)) as usize;
  const panels = scratch + 512;
  for (let k: i32 = 0; k < p.K; k += depthBlock) {
    const depth = min(depthBlock, p.K - k);
    for (let j: i32 = 0; j < p.N; j += p.width) {
      const source = at(b, p.transposeB ? j * strideB + k : k * strideB + j);
      packPanel(p.transposeB != 0, source, strideB, min(p.width, p.N - j), depth, panels, p.width);
      multiplyPanels(p.M, min(p.width, p.N - j), depth, a + depthStride * k, rowStride, depthStride, panels, 0,
        at(c, j), p.N, k > 0, p.width, scratch);
    }
  }
}
