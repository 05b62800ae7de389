/** Products of a few rows, as decoding needs them. */
import { at, fma, sum4 } from './math';

/** A few rows times a weight matrix [N, K], as decoding does: nothing is packed, each weight is read once. */
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
}

export function rowsTask(task: i32, p: Rows, scratch: usize): void {
  const from = task * p.step;
  const to = min(p.N, from + p.step);
  if (p.M == 1) {
    for (let j = from; j < to; j += 6) oneRow(p, j, min(6, to - j), scratch);
    return;
  }
  for (let j = from; j < to; j += 3) {
    const wide = min(3, to - j);
    for (let i: i32 = 0; i < p.M; i += 4) dots(p, i, j, min(4, p.M - i), wide, scratch);
  }
}

/** Four rows of A times three of B as dot products, eight lanes each: 24 accumulators that pair into 12. */
function dots(p: Rows, i: i32, j: i32, tall: i32, wide: i32, scratch: usize): void {
  const K = p.K;
  const bytes = (K as usize) << 2;
  let a0 = p.a + bytes * i;
  let a1 = a0 + bytes * min(1, tall - 1);
  let a2 = a0 + bytes * min(2, tall - 1);
  let a3 = a0 + bytes * min(3, tall - 1);
  let b0 = p.b + bytes * j;
  let b1 = b0 + bytes * min(1, wide - 1);
  let b2 = b0 + bytes * min(2, wide - 1);
  const tail = K & 7;
  const a = a0;
  const b = b0;
  let c00 = f32x4.splat(0), d00 = c00, c01 = c00, d01 = c00, c02 = c00, d02 = c00;
  let c10 = c00, d10 = c00, c11 = c00, d11 = c00, c12 = c00, d12 = c00;
  let c20 = c00, d20 = c00, c21 = c00, d21 = c00, c22 = c00, d22 = c00;
  let c30 = c00, d30 = c00, c31 = c00, d31 = c00, c32 = c00, d32 = c00;
  for (let k: i32 = 0; k < K - tail; k += 8) {
    const x0 = v128.load(b0), y0 = v128.load(b0, 16);
    const x1 = v128.load(b1), y1 = v128.load(b1, 16);
    const x2 = v128.load(b2), y2 = v128.load(b2, 16);
    let s = v128.load(a0), t = v128.load(a0, 16);
    c00 = fma(s, x0, c00); d00 = fma(t, y0, d00); c01 = fma(s, x1, c01); d01 = fma(t, y1, d01); c02 = fma(s, x2, c02); d02 = fma(t, y2, d02);
    s = v128.load(a1); t = v128.load(a1, 16);
    c10 = fma(s, x0, c10); d10 = fma(t, y0, d10); c11 = fma(s, x1, c11); d11 = fma(t, y1, d11); c12 = fma(s, x2, c12); d12 = fma(t, y2, d12);
    s = v128.load(a2); t = v128.load(a2, 16);
    c20 = fma(s, x0, c20); d20 = fma(t, y0, d20); c21 = fma(s, x1, c21); d21 = fma(t, y1, d21); c22 = fma(s, x2, c22); d22 = fma(t, y2, d22);
    s = v128.load(a3); t = v128.load(a3, 16);
    c30 = fma(s, x0, c30); d30 = fma(t, y0, d30); c31 = fma(s, x1, c31); d31 = fma(t, y1, d31); c32 = fma(s, x2, c32); d32 = fma(t, y2, d32);
    a0 += 32; a1 += 32; a2 += 32; a3 += 32; b0 += 32; b1 += 32; b2 += 32;
  }
  // Stored side by side, so that the engine may keep each pair in one wide register through the loop.
  v128.store(scratch, c00); v128.store(scratch, d00, 16); v128.store(scratch, c01, 32); v128.store(scratch, d01, 48); v128.store(scratch, c02, 64); v128.store(scratch, d02, 80);
  v128.store(scratch, c10, 96); v128.store(scratch, d10, 112); v128.store(scratch, c11, 128); v128.store(scratch, d11, 144); v128.store(scratch, c12, 160); v128.store(scratch, d12, 176);
  v128.store(scratch, c20, 192); v128.store(scratch, d20, 208); v128.store(scratch, c21, 224); v128.store(scratch, d21, 240); v128.store(scratch, c22, 256); v128.store(scratch, d22, 272);
  v128.store(scratch, c30, 288); v128.store(scratch, d30, 304); v128.store(scratch, c31, 320); v128.store(scratch, d31, 336); v128.store(scratch, c32, 352); v128.store(scratch, d32, 368);
  for (let r: i32 = 0; r < tall; r++)
    for (let s: i32 = 0; s < wide; s++) {
      const pair = scratch + (((r * 3 + s) as usize) << 5);
      let sum = sum4(f32x4.add(v128.load(pair), v128.load(pair, 16)));
      for (let k = K - tail; k < K; k++) sum += load<f32>(at(a + bytes * r, k)) * load<f32>(at(b + bytes * s, k));
      store<f32>(at(p.c, (i + r) * p.N + j + s), sum);
    }
}

/** One row of A times six of B: each weight is read once, twelve sums of four hide the latency of the additions. */
function oneRow(p: Rows, j: i32, wide: i32, scratch: usize): void {
  const K = p.K;
  const bytes = (K as usize) << 2;
  const b = p.b + bytes * j;
  let a = p.a;
  let b0 = b, b1 = b + bytes * min(1, wide - 1), b2 = b + bytes * min(2, wide - 1);
  let b3 = b + bytes * min(3, wide - 1), b4 = b + bytes * min(4, wide - 1), b5 = b + bytes * min(5, wide - 1);
  const tail = K & 7;
  let c0 = f32x4.splat(0), d0 = c0, c1 = c0, d1 = c0, c2 = c0, d2 = c0, c3 = c0, d3 = c0, c4 = c0, d4 = c0, c5 = c0, d5 = c0;
  for (let k: i32 = 0; k < K - tail; k += 8) {
    const x = v128.load(a), y = v128.load(a, 16);
    c0 = fma(x, v128.load(b0), c0); d0 = fma(y, v128.load(b0, 16), d0);
    c1 = fma(x, v128.load(b1), c1); d1 = fma(y, v128.load(b1, 16), d1);
    c2 = fma(x, v128.load(b2), c2); d2 = fma(y, v128.load(b2, 16), d2);
    c3 = fma(x, v128.load(b3), c3); d3 = fma(y, v128.load(b3, 16), d3);
    c4 = fma(x, v128.load(b4), c4); d4 = fma(y, v128.load(b4, 16), d4);
    c5 = fma(x, v128.load(b5), c5); d5 = fma(y, v128.load(b5, 16), d5);
    a += 32; b0 += 32; b1 += 32; b2 += 32; b3 += 32; b4 += 32; b5 += 32;
  }
  v128.store(scratch, c0); v128.store(scratch, d0, 16); v128.store(scratch, c1, 32); v128.store(scratch, d1, 48);
  v128.store(scratch, c2, 64); v128.store(scratch, d2, 80); v128.store(scratch, c3, 96); v128.store(scratch, d3, 112);
  v128.store(scratch, c4, 128); v128.store(scratch, d4, 144); v128.store(scratch, c5, 160); v128.store(scratch, d5, 176);
  for (let s: i32 = 0; s < wide; s++) {
    const pair = scratch + ((s as usize) << 5);
    let sum = sum4(f32x4.add(v128.load(pair), v128.load(pair, 16)));
    for (let k = K - tail; k < K; k++) sum += load<f32>(at(p.a, k)) * load<f32>(at(b + bytes * s, k));
    store<f32>(at(p.c, j + s), sum);
  }
}
