/** Sums and recurrences along the rows of a matrix of `columns` columns, in float64: one pass each. */
import type { Numbers } from './elements.ts';

/** Σ a. */
export function total(out: Numbers, a: Numbers): void {
  let all = 0;
  for (let i = 0; i < a.length; i++) all += a[i]!;
  out[0] = all;
}

/** Σ a·b over equally many. */
export function dot(out: Numbers, a: Numbers, b: Numbers): void {
  let all = 0;
  for (let i = 0; i < a.length; i++) all += a[i]! * b[i]!;
  out[0] = all;
}

/** Each row of a matrix times that row's number. */
export function scaleRows(out: Numbers, matrix: Numbers, row: Numbers, columns: number): void {
  for (let r = 0; r < row.length; r++) {
    const factor = row[r]!;
    for (let i = r * columns; i < (r + 1) * columns; i++) out[i] = matrix[i]! * factor;
  }
}

/** From a matrix to a number a row, or back. A matrix of no columns has no rows that could be counted: they are 0. */
export const byRow: Readonly<Record<string, (out: Numbers, a: Numbers, columns: number) => void>> = {
  rowSum(out, a, columns) {
    for (let r = 0; r < out.length; r++) {
      let all = 0;
      for (let i = r * columns; i < (r + 1) * columns; i++) all += a[i]!;
      out[r] = all;
    }
  },
  rowCount(out, mask, columns) {
    for (let r = 0; r < out.length; r++) {
      let all = 0;
      for (let i = r * columns; i < (r + 1) * columns; i++) all += mask[i]! > 0 ? 1 : 0;
      out[r] = all;
    }
  },
  spread(out, row, columns) {
    for (let r = 0; r < row.length; r++) out.fill(row[r]!, r * columns, (r + 1) * columns);
  },
};

/** See `logSumSlopes` in operations.ts: the sums forwards, then what each slot has a share of, backwards. */
export function logSumSlopes(out: Numbers, mask: Numbers, x: Numbers, g: Numbers, columns: number): void {
  recurrences.logSums!(out, mask, x, columns, 0);
  for (let end = out.length; end > 0; end -= columns) {
    let [shares, after] = [0, Number.POSITIVE_INFINITY];
    for (let i = end - 1; i >= end - columns; i--) {
      if (!(mask[i]! > 0)) continue;
      const own = out[i]!;
      shares = g[i]! + (shares === 0 ? 0 : shares * Math.exp(own - after));
      out[i] = shares === 0 ? 0 : shares * Math.exp(x[i]! - own);
      after = own;
    }
  }
}

/** Recurrences; what each computes stands beside its function in operations.ts. */
export const recurrences: Readonly<
  Record<string, (out: Numbers, mask: Numbers, x: Numbers, columns: number, decay: number) => void>
> = {
  returns(out, mask, x, columns, decay) {
    for (let end = out.length; end > 0; end -= columns) {
      let later = 0;
      for (let i = end - 1; i >= end - columns; i--) {
        if (mask[i]! > 0) out[i] = later = x[i]! + decay * later;
        else out[i] = 0;
      }
    }
  },
  discounted(out, mask, x, columns, decay) {
    for (let start = 0; start < out.length; start += columns) {
      let before = 0;
      for (let i = start; i < start + columns; i++) {
        if (mask[i]! > 0) out[i] = before = x[i]! + decay * before;
        else out[i] = 0;
      }
    }
  },
  nextValid(out, mask, x, columns) {
    for (let end = out.length; end > 0; end -= columns) {
      let next = 0;
      for (let i = end - 1; i >= end - columns; i--) {
        const valid = mask[i]! > 0;
        out[i] = valid ? next : 0;
        if (valid) next = x[i]!;
      }
    }
  },
  previousValid(out, mask, x, columns) {
    for (let start = 0; start < out.length; start += columns) {
      let previous = 0;
      for (let i = start; i < start + columns; i++) {
        const valid = mask[i]! > 0;
        out[i] = valid ? previous : 0;
        if (valid) previous = x[i]!;
      }
    }
  },
  segmentSum(out, starts, x, columns) {
    for (let end = out.length; end > 0; end -= columns) {
      let segment = 0;
      for (let i = end - 1; i >= end - columns; i--) {
        segment += x[i]!;
        const start = starts[i]! > 0;
        out[i] = start ? segment : 0;
        if (start) segment = 0;
      }
    }
  },
  carryForward(out, starts, x, columns) {
    for (let start = 0; start < out.length; start += columns) {
      let carried = 0;
      for (let i = start; i < start + columns; i++) {
        if (starts[i]! > 0) carried = x[i]!;
        out[i] = carried;
      }
    }
  },
  logSums(out, mask, x, columns) {
    for (let start = 0; start < out.length; start += columns) {
      let all = Number.NEGATIVE_INFINITY;
      for (let i = start; i < start + columns; i++) {
        if (mask[i]! > 0) out[i] = all = logAddExp(all, x[i]!);
        else out[i] = 0;
      }
    }
  },
};

/** log(eᵃ + eᵇ); a may be −∞, which adds nothing. */
const logAddExp = (a: number, b: number): number =>
  a === Number.NEGATIVE_INFINITY ? b : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
