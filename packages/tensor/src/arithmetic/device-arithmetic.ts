import { accurateLog1p } from '../operations/log1p.ts';
import { type Tensor, tf } from '../tf.ts';
import type { Arithmetic } from './arithmetic.ts';

/**
 * The arithmetic of formulas as tensor operations, for backends whose memory is elsewhere. float32. Recurrences along a
 * row run as a doubling scan: log₂ C rounds instead of C steps.
 *
 * @param columns - C, the length of a row of the matrices in this formula
 */
export function deviceArithmetic(columns: number): Arithmetic<Tensor> {
  return {
    add: (a, b) => tf.add(a, b),
    sub: (a, b) => tf.sub(a, b),
    mul: (a, b) => tf.mul(asColumn(a, b), asColumn(b, a)),
    div: (a, b) => tf.div(a, b),
    square: (a) => tf.mul(a, a),
    exp: (a) => keepNaN(a, tf.exp(a)),
    softplus: (a) => tf.add(tf.maximum(a, 0), accurateLog1p(tf.exp(tf.neg(tf.abs(a))))),
    sigmoid: (a) => keepNaN(a, tf.sigmoid(a)),
    relu: (a) => keepNaN(a, tf.maximum(a, 0)),
    atMost: (a, limit) => keepNaN(a, tf.minimum(a, limit)),
    positive: (a) => keepNaN(a, positive(a)),
    equal: (a, b) => tf.cast(tf.equal(a, b), 'float32'),
    select: (condition, a, b) => tf.where(tf.greater(condition, 0), full(condition, a), full(condition, b)),
    sum: (a) => tf.sum(a),
    dot: (a, b) => tf.sum(tf.mul(a, b)),
    rowSum: (a) => tf.sum(a, 1),
    difference: (mask, a, b) => tf.where(tf.greater(mask, 0), tf.sub(a, b), tf.zerosLike(mask)),
    rowCount: (mask) => tf.sum(positive(mask), 1),
    returns(mask, x, decay) {
      const valid = positive(mask);
      // A masked slot hands on what comes after it: decay 1, nothing added.
      const keep = tf.add(tf.sub(1, valid), tf.mul(decay, valid));
      return tf.mul(valid, scan(masked(mask, x), keep, columns, shiftLeft));
    },
    nextValid: (mask, x) => neighbour(mask, x, columns, shiftLeft),
    previousValid: (mask, x) => neighbour(mask, x, columns, shiftRight),
    carryForward: (starts, x) => scan(masked(starts, x), tf.sub(1, positive(starts)), columns, shiftRight),
  };
}

const positive = (a: Tensor): Tensor => tf.cast(tf.greater(a, 0), 'float32');

const masked = (mask: Tensor, x: Tensor): Tensor => tf.where(tf.greater(mask, 0), x, tf.zerosLike(x));

type Shift = (x: Tensor, by: number, columns: number) => Tensor;

/** What the nearest valid slot on one side holds: a scan that masked slots hand on, moved by one. */
function neighbour(mask: Tensor, x: Tensor, columns: number, shift: Shift): Tensor {
  const valid = positive(mask);
  return tf.mul(valid, shift(scan(masked(mask, x), tf.sub(1, valid), columns, shift), 1, columns));
}

/** A vector [R] as a column [R, 1] beside a matrix, so that it multiplies rows. */
function asColumn(a: Tensor | number, beside: Tensor | number): Tensor | number {
  if (typeof a === 'number' || typeof beside === 'number') return a;
  return a.rank === 1 && beside.rank === 2 ? tf.reshape(a, [a.size, 1]) : a;
}

/** Minimum, maximum and, on WebGPU, sigmoid and exponential drop a NaN on some backends. */
function keepNaN(source: Tensor, result: Tensor): Tensor {
  return tf.where(tf.isNaN(source), source, result);
}

function full(like: Tensor, value: Tensor | number): Tensor {
  if (typeof value === 'number') return tf.fill(like.shape, value);
  return value.rank === 0 ? tf.mul(tf.onesLike(like), value) : value;
}

/** Moves columns to the left by `by`, zeros coming in from the right. */
function shiftLeft(x: Tensor, by: number, columns: number): Tensor {
  if (by >= columns) return tf.zerosLike(x);
  const rest = tf.slice(x, [0, by], [x.shape[0], columns - by]);
  return tf.concat([rest, tf.zeros([x.shape[0], by])], 1);
}

/** Moves columns to the right by `by`, zeros coming in from the left. */
function shiftRight(x: Tensor, by: number, columns: number): Tensor {
  if (by >= columns) return tf.zerosLike(x);
  const rest = tf.slice(x, [0, 0], [x.shape[0], columns - by]);
  return tf.concat([tf.zeros([x.shape[0], by]), rest], 1);
}

/**
 * y = x + decay · (neighbour's y) by doubling: after round k, y holds what 2ᵏ neighbours contribute and `reach` the product
 * of their decays. Composing affine maps is associative, which is all a scan needs.
 */
function scan(x: Tensor, decay: Tensor, columns: number, shift: Shift): Tensor {
  let y = x;
  let reach = decay;
  for (let by = 1; by < columns; by *= 2) {
    y = tf.add(y, tf.mul(reach, shift(y, by, columns)));
    reach = tf.mul(reach, shift(reach, by, columns));
  }
  return y;
}
