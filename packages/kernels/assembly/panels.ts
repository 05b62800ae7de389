/**
 * Matrix products over packed panels. The right factor B [K, N] is copied into panels of `width` neighbouring columns
 * (8, or 16 where V8 pairs vectors), depth by depth, zero-padded at the edge. A panel of one depth block then stays in
 * the first-level cache while the rows of A stream past it. A is never copied: it is read through two strides.
 */
import { at } from './math';
import { microNarrow, microWide } from './micro';

/** Rows of C computed at once. */
export const tileRows: i32 = 6;
/**
 * Depth of a block of K: 128 · 16 · 4 bytes, a quarter of a 32 KiB first-level cache. It fixes the order of sums; this one is
 * MLAS's, so that ONNX Runtime's products and ours are the same bits (see src/native).
 */
export const depthBlock: i32 = 128;

/** Floats that the packed form of a [K, N] matrix takes. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function packedFloats(K: i32, N: i32, width: i32): i32 {
  return ((N + width - 1) / width) * width * K;
}

/** Packs columns j … j + width of a depth range of B. `transposed`: B is stored [N, K], as weights are. */
export function packPanel(transposed: bool, b: usize, stride: i32, columns: i32, depth: i32, to: usize, width: i32): void {
  const bytes = (stride as usize) << 2;
  if (columns < width) {
    packEdge(transposed, b, stride, columns, depth, to, width);
  } else if (!transposed) {
    if (width == 16) {
      for (let k: i32 = 0; k < depth; k++) {
        v128.store(to, v128.load(b));
        v128.store(to, v128.load(b, 16), 16);
        v128.store(to, v128.load(b, 32), 32);
        v128.store(to, v128.load(b, 48), 48);
        to += 64;
        b += bytes;
      }
    } else {
      for (let k: i32 = 0; k < depth; k++) {
        v128.store(to, v128.load(b));
        v128.store(to, v128.load(b, 16), 16);
        to += 32;
        b += bytes;
      }
    }
  } else {
    for (let c: i32 = 0; c < width; c += 4) transposeFour(b + bytes * c, bytes, depth, to + (c << 2), (width as usize) << 2);
  }
}

/** Four stored rows become four neighbouring columns of a panel. */
function transposeFour(b: usize, bytes: usize, depth: i32, to: usize, step: usize): void {
  let k: i32 = 0;
  for (; k + 4 <= depth; k += 4) {
    const r0 = v128.load(b);
    const r1 = v128.load(b + bytes);
    const r2 = v128.load(b + 2 * bytes);
    const r3 = v128.load(b + 3 * bytes);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
    v128.store(to + step, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
    v128.store(to + 2 * step, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
    v128.store(to + 3 * step, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
    to += 4 * step;
    b += 16;
  }
  for (; k < depth; k++) {
    for (let c: i32 = 0; c < 4; c++) store<f32>(at(to, c), load<f32>(b + bytes * c));
    to += step;
    b += 4;
  }
}

/** The last, narrower panel: missing columns are zeros. */
function packEdge(transposed: bool, b: usize, stride: i32, columns: i32, depth: i32, to: usize, width: i32): void {
  for (let k: i32 = 0; k < depth; k++) {
    for (let c: i32 = 0; c < width; c++)
      store<f32>(at(to, c), c < columns ? load<f32>(at(b, transposed ? c * stride + k : k * stride + c)) : 0);
    to += (width as usize) << 2;
  }
}

/** Packs all N columns of one depth range; panels follow each other, `depth · width` floats each. */
export function packAll(transposed: bool, b: usize, stride: i32, N: i32, depth: i32, to: usize, width: i32): void {
  for (let j: i32 = 0; j < N; j += width) {
    packPanel(transposed, at(b, transposed ? j * stride : j), stride, min(width, N - j), depth, to, width);
    to += ((depth * width) as usize) << 2;
  }
}

/**
 * C [rows, columns] (+)= A · B over one depth range, B in panels. A's element (i, k) lies at
 * a + i · rowStride + k · depthStride (bytes). `panelStep` is the distance of B's panels in bytes: panels packed deeper
 * than `depth` may be used in part. `edge` is 384 bytes of scratch for tiles that stick out of C.
 */
export function multiplyPanels(
  rows: i32, columns: i32, depth: i32, a: usize, rowStride: usize, depthStride: usize,
  panels: usize, panelStep: usize, c: usize, stride: i32, accumulate: bool, width: i32, edge: usize,
): void {
  const bytes = (stride as usize) << 2;
  for (let j: i32 = 0; j < columns; j += width) {
    const wide = min(width, columns - j);
    for (let i: i32 = 0; i < rows; i += tileRows) {
      const tall = min(tileRows, rows - i);
      const to = at(c, i * stride + j);
      const from = a + rowStride * i;
      if (wide == width && tall == tileRows) {
        if (width == 16) microWide(depth, from, rowStride, depthStride, 5, panels, to, bytes, accumulate);
        else microNarrow(depth, from, rowStride, depthStride, 5, panels, to, bytes, accumulate);
      } else {
        const last = (tall - 1) as usize;
        if (width == 16) microWide(depth, from, rowStride, depthStride, last, panels, edge, 64, false);
        else microNarrow(depth, from, rowStride, depthStride, last, panels, edge, 32, false);
        for (let r: i32 = 0; r < tall; r++)
          for (let s: i32 = 0; s < wide; s++) {
            const target = to + bytes * r + (s << 2);
            const value = load<f32>(at(edge, r * width + s));
            store<f32>(target, accumulate ? load<f32>(target) + value : value);
          }
      }
    }
    panels += panelStep;
  }
}
