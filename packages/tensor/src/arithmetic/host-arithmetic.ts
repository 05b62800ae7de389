import type { Arithmetic } from './arithmetic.ts';
import { hostRows } from './host-rows.ts';

/** A scalar, or a vector or matrix laid out row by row. Always float64. */
export type HostValue = number | Float64Array;

/**
 * The arithmetic of formulas on plain arrays, in float64: for engines without WebAssembly SIMD, and what the vector machine is
 * tested against. One explicit loop an operation: a shared loop that calls back
 * per element would be several times slower. `Math.max` and `Math.min` are used where NaN has to stay NaN.
 *
 * @param columns - C, the length of a row of the matrices in this formula
 */
export function hostArithmetic(columns: number): Arithmetic<HostValue> {
  return {
    ...elementwise,
    ...conditions,
    ...sums(columns),
    ...hostRows(columns),
    mul: (a, b) => multiply(a, b, columns),
  };
}

const elementwise = {
  add(a: HostValue, b: HostValue): HostValue {
    if (typeof a === 'number') return typeof b === 'number' ? a + b : elementwise.add(b, a);
    const out = new Float64Array(a.length);
    if (typeof b === 'number') for (let i = 0; i < out.length; i++) out[i] = a[i] + b;
    else for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i];
    return out;
  },
  sub(a: HostValue, b: HostValue): HostValue {
    if (typeof b === 'number') return elementwise.add(a, -b);
    const out = new Float64Array(b.length);
    if (typeof a === 'number') for (let i = 0; i < out.length; i++) out[i] = a - b[i];
    else for (let i = 0; i < out.length; i++) out[i] = a[i] - b[i];
    return out;
  },
  div(a: HostValue, b: HostValue): HostValue {
    if (typeof b === 'number') return typeof a === 'number' ? a / b : map(a, (x) => x / b);
    const out = new Float64Array(b.length);
    if (typeof a === 'number') for (let i = 0; i < out.length; i++) out[i] = a / b[i];
    else for (let i = 0; i < out.length; i++) out[i] = a[i] / b[i];
    return out;
  },
  square(a: HostValue): HostValue {
    if (typeof a === 'number') return a * a;
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = a[i] * a[i];
    return out;
  },
  exp: (a: HostValue): HostValue => map(a, Math.exp),
  softplus(a: HostValue): HostValue {
    if (typeof a === 'number') return Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i], 0) + Math.log1p(Math.exp(-Math.abs(a[i])));
    return out;
  },
  sigmoid(a: HostValue): HostValue {
    if (typeof a === 'number') return a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a));
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) {
      const e = Math.exp(a[i] > 0 ? -a[i] : a[i]);
      out[i] = a[i] > 0 ? 1 / (1 + e) : e / (1 + e);
    }
    return out;
  },
};

/** a·b, where a vector [R] beside a matrix [R, C] stands for a constant a row. */
function multiply(a: HostValue, b: HostValue, columns: number): HostValue {
  if (typeof a === 'number') return typeof b === 'number' ? a * b : multiply(b, a, columns);
  if (typeof b !== 'number' && b.length > a.length) return multiply(b, a, columns);
  const out = new Float64Array(a.length);
  if (typeof b === 'number') for (let i = 0; i < out.length; i++) out[i] = a[i] * b;
  else if (b.length === a.length) for (let i = 0; i < out.length; i++) out[i] = a[i] * b[i];
  else {
    for (let r = 0; r < b.length; r++) {
      const factor = b[r];
      for (let i = r * columns; i < (r + 1) * columns; i++) out[i] = a[i] * factor;
    }
  }
  return out;
}

const conditions = {
  relu(a: HostValue): HostValue {
    if (typeof a === 'number') return Math.max(a, 0);
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = Math.max(a[i], 0);
    return out;
  },
  atMost: (a: HostValue, limit: number): HostValue => map(a, (x) => Math.min(x, limit)),
  positive(a: HostValue): HostValue {
    if (typeof a === 'number') return Number.isNaN(a) ? a : Number(a > 0);
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = a[i] > 0 ? 1 : Math.max(Math.min(a[i], 0), 0);
    return out;
  },
  equal(a: HostValue, b: HostValue): HostValue {
    if (typeof a === 'number') return typeof b === 'number' ? Number(a === b) : conditions.equal(b, a);
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = a[i] === (typeof b === 'number' ? b : b[i]) ? 1 : 0;
    return out;
  },
  difference(mask: HostValue, a: HostValue, b: HostValue): HostValue {
    const [valid, left, right] = [array(mask), array(a), array(b)];
    const out = new Float64Array(valid.length);
    for (let i = 0; i < out.length; i++) out[i] = valid[i] > 0 ? left[i] - right[i] : 0;
    return out;
  },
  select(condition: HostValue, a: HostValue, b: HostValue): HostValue {
    if (typeof condition === 'number') return condition > 0 ? a : b;
    const out = new Float64Array(condition.length);
    if (typeof a !== 'number' && typeof b === 'number') {
      for (let i = 0; i < out.length; i++) out[i] = condition[i] > 0 ? a[i] : b;
    } else {
      const at = (x: HostValue, i: number): number => (typeof x === 'number' ? x : x[i]);
      for (let i = 0; i < out.length; i++) out[i] = condition[i] > 0 ? at(a, i) : at(b, i);
    }
    return out;
  },
};

/** Sums. */
function sums(columns: number): Pick<Arithmetic<HostValue>, 'sum' | 'dot' | 'rowSum' | 'rowCount'> {
  return {
    sum(a) {
      if (typeof a === 'number') return a;
      let total = 0;
      for (let i = 0; i < a.length; i++) total += a[i];
      return total;
    },
    dot(a, b) {
      const [left, right] = [array(a), array(b)];
      let total = 0;
      for (let i = 0; i < left.length; i++) total += left[i] * right[i];
      return total;
    },
    rowSum(a) {
      const matrix = array(a);
      const out = new Float64Array(rowsOf(matrix, columns));
      for (let r = 0; r < out.length; r++) {
        let total = 0;
        for (let i = r * columns; i < (r + 1) * columns; i++) total += matrix[i];
        out[r] = total;
      }
      return out;
    },
    rowCount(mask) {
      const matrix = array(mask);
      const out = new Float64Array(rowsOf(matrix, columns));
      for (let r = 0; r < out.length; r++) {
        let total = 0;
        for (let i = r * columns; i < (r + 1) * columns; i++) total += matrix[i] > 0 ? 1 : 0;
        out[r] = total;
      }
      return out;
    },
  };
}

function map(a: HostValue, f: (x: number) => number): HostValue {
  if (typeof a === 'number') return f(a);
  const out = new Float64Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = f(a[i]);
  return out;
}

/** A matrix of no columns has no rows that could be counted: its row sums are those of an empty batch. */
const rowsOf = (matrix: Float64Array, columns: number): number => (columns === 0 ? 0 : matrix.length / columns);

const array = (value: HostValue): Float64Array => (typeof value === 'number' ? Float64Array.of(value) : value);
