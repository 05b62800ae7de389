import type { Arithmetic } from './arithmetic.ts';

/** A scalar, or a vector or matrix laid out row by row. Always float64. */
export type HostValue = number | Float64Array;

/**
 * The arithmetic of formulas on plain arrays, in float64. One explicit loop an operation: a shared loop that calls back
 * per element would be several times slower. `Math.max` and `Math.min` are used where NaN has to stay NaN.
 *
 * @param columns - C, the length of a row of the matrices in this formula
 */
export function hostArithmetic(columns: number): Arithmetic<HostValue> {
  return { ...elementwise, ...conditions, ...rows(columns) };
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
  mul(a: HostValue, b: HostValue): HostValue {
    if (typeof a === 'number') return typeof b === 'number' ? a * b : elementwise.mul(b, a);
    const out = new Float64Array(a.length);
    if (typeof b === 'number') for (let i = 0; i < out.length; i++) out[i] = a[i] * b;
    else for (let i = 0; i < out.length; i++) out[i] = a[i] * b[i];
    return out;
  },
  div(a: HostValue, b: HostValue): HostValue {
    if (typeof b === 'number') return typeof a === 'number' ? a / b : map(a, (x) => x / b);
    const out = new Float64Array(b.length);
    if (typeof a === 'number') for (let i = 0; i < out.length; i++) out[i] = a / b[i];
    else for (let i = 0; i < out.length; i++) out[i] = a[i] / b[i];
    return out;
  },
  square: (a: HostValue): HostValue => elementwise.mul(a, a),
  exp(a: HostValue): HostValue {
    return map(a, Math.exp);
  },
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

const conditions = {
  relu: (a: HostValue): HostValue => map(a, (x) => Math.max(x, 0)),
  atMost: (a: HostValue, limit: number): HostValue => map(a, (x) => Math.min(x, limit)),
  positive: (a: HostValue): HostValue => map(a, (x) => (Number.isNaN(x) ? x : Number(x > 0))),
  equal(a: HostValue, b: HostValue): HostValue {
    if (typeof a === 'number') return typeof b === 'number' ? Number(a === b) : conditions.equal(b, a);
    const out = new Float64Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = Number(a[i] === (typeof b === 'number' ? b : b[i]));
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

/** What needs to know where a row ends. */
function rows(
  columns: number,
): Pick<
  Arithmetic<HostValue>,
  'sum' | 'rowSum' | 'spread' | 'accumulateBack' | 'accumulateForward' | 'shiftBack' | 'shiftForward'
> {
  return {
    sum(a) {
      if (typeof a === 'number') return a;
      let total = 0;
      for (let i = 0; i < a.length; i++) total += a[i];
      return total;
    },
    rowSum(a) {
      const matrix = array(a);
      const out = new Float64Array(rowCount(matrix, columns));
      for (let i = 0; i < out.length; i++) {
        let total = 0;
        for (let t = i * columns; t < (i + 1) * columns; t++) total += matrix[t];
        out[i] = total;
      }
      return out;
    },
    spread(a) {
      const vector = array(a);
      const out = new Float64Array(vector.length * columns);
      for (let i = 0; i < vector.length; i++) out.fill(vector[i], i * columns, (i + 1) * columns);
      return out;
    },
    accumulateBack(x, decay) {
      const [from, keep] = [array(x), array(decay)];
      const out = new Float64Array(from.length);
      for (let i = from.length - 1; i >= 0; i--) {
        const later = i % columns === columns - 1 ? 0 : out[i + 1];
        out[i] = keep[i] === 0 ? from[i] : from[i] + keep[i] * later;
      }
      return out;
    },
    accumulateForward(x, decay) {
      const [from, keep] = [array(x), array(decay)];
      const out = new Float64Array(from.length);
      for (let i = 0; i < from.length; i++) {
        const earlier = i % columns === 0 ? 0 : out[i - 1];
        out[i] = keep[i] === 0 ? from[i] : from[i] + keep[i] * earlier;
      }
      return out;
    },
    shiftBack(x) {
      const from = array(x);
      const out = new Float64Array(from.length);
      for (let i = 0; i < from.length; i++) out[i] = i % columns === columns - 1 ? 0 : from[i + 1];
      return out;
    },
    shiftForward(x) {
      const from = array(x);
      const out = new Float64Array(from.length);
      for (let i = 0; i < from.length; i++) out[i] = i % columns === 0 ? 0 : from[i - 1];
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
const rowCount = (matrix: Float64Array, columns: number): number => (columns === 0 ? 0 : matrix.length / columns);

const array = (value: HostValue): Float64Array => (typeof value === 'number' ? Float64Array.of(value) : value);
