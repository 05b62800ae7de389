/** Loops along the rows of matrices, `columns` float64 a row. */

/** dst [rows] ← Σ of each row. */
export function rowSum(dst: usize, a: usize, rows: i32, columns: i32): void {
  for (const end = dst + (rows << 3); dst < end; dst += 8) {
    let s = f64x2.splat(0);
    let t = s;
    const whole = a + ((columns & ~3) << 3);
    for (; a < whole; a += 32) {
      s = f64x2.add(s, v128.load(a));
      t = f64x2.add(t, v128.load(a, 16));
    }
    s = f64x2.add(s, t);
    let total = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
    for (const rowEnd = whole + ((columns & 3) << 3); a < rowEnd; a += 8) total += load<f64>(a);
    store<f64>(dst, total);
  }
}

/** dst ← each row of a times its factor. */
export function rowScale(dst: usize, a: usize, factors: usize, rows: i32, columns: i32): void {
  for (const last = factors + (rows << 3); factors < last; factors += 8) {
    const factor = v128.load64_splat(factors);
    const whole = dst + ((columns & ~1) << 3);
    for (; dst < whole; dst += 16, a += 16) v128.store(dst, f64x2.mul(v128.load(a), factor));
    if (columns & 1) {
      store<f64>(dst, load<f64>(a) * load<f64>(factors));
      dst += 8;
      a += 8;
    }
  }
}

/** G_t = x_t + decay · G_{next valid t}, from the back; 0 where masked. */
export function returns(dst: usize, mask: usize, x: usize, decay: f64, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    let later: f64 = 0;
    for (let i = (columns - 1) << 3; i >= 0; i -= 8) {
      const valid = load<f64>(mask + i) > 0;
      later = select<f64>(load<f64>(x + i) + decay * later, later, valid);
      store<f64>(dst + i, select<f64>(later, 0, valid));
    }
    dst += columns << 3;
    mask += columns << 3;
    x += columns << 3;
  }
}

/** What the nearest valid slot behind (`step` 8) or ahead (−8) of each valid slot holds, 0 without one; 0 where masked. */
// @ts-expect-error: decorators are AssemblyScript's
@inline
export function neighbour(step: i32, dst: usize, mask: usize, x: usize, rows: i32, columns: i32): void {
  const width = columns << 3;
  for (let r = 0; r < rows; r++) {
    let nearest: f64 = 0;
    for (let k = 0, i = step > 0 ? 0 : width - 8; k < columns; k++, i += step) {
      const valid = load<f64>(mask + i) > 0;
      store<f64>(dst + i, select<f64>(nearest, 0, valid));
      nearest = select<f64>(load<f64>(x + i), nearest, valid);
    }
    dst += width;
    mask += width;
    x += width;
  }
}

/** What the latest slot with a positive start holds, up to and including this one; 0 before the first. */
export function carry(dst: usize, starts: usize, x: usize, rows: i32, columns: i32): void {
  const width = columns << 3;
  for (let r = 0; r < rows; r++) {
    let carried: f64 = 0;
    for (let i = 0; i < width; i += 8) {
      carried = select<f64>(load<f64>(x + i), carried, load<f64>(starts + i) > 0);
      store<f64>(dst + i, carried);
    }
    dst += width;
    starts += width;
    x += width;
  }
}
