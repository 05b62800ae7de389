import { softplus, type Tensor, tf } from '@svo/tensor';
import { isPositive, keepNaN } from './device-elements.ts';
import type { DeviceOperation } from './device-operation.ts';

/** Sums, and recurrences along rows as a doubling scan: log₂ C rounds instead of C steps. */
export const rowOperations: Readonly<Record<string, DeviceOperation>> = {
  sum: ([a]) => tf.sum(a!),
  rowSum: ([a]) => tf.sum(a!, 1),
  rowCount: ([mask]) => tf.sum(isPositive(mask as Tensor), 1),
  spread: ([row], { shape }) => tf.tile(tf.reshape(row!, [shape[0]!, 1]), [1, shape[1]!]),
  returns: recurrence(shiftLeft),
  discounted: recurrence(shiftRight),
  nextValid: neighbour(shiftLeft),
  previousValid: neighbour(shiftRight),
  segmentSum([starts, x], { columns }) {
    const first = isPositive(starts as Tensor);
    const keep = tf.sub(1, shiftLeft(first, 1, columns));
    return tf.mul(first, scan(x as Tensor, keep, columns, shiftLeft));
  },
  carryForward: ([starts, x], { columns }) =>
    scan(masked(starts as Tensor, x as Tensor), tf.sub(1, isPositive(starts as Tensor)), columns, shiftRight),
  logSums: ([mask, x], { columns }) => masked(mask as Tensor, runningLogSums(mask as Tensor, x as Tensor, columns)),
  logSumSlopes([mask, x, g], { columns }) {
    const sums = runningLogSums(mask as Tensor, x as Tensor, columns);
    const keep = atMostOne(tf.sub(sums, shiftLeft(sums, 1, columns)));
    const shares = scan(masked(mask as Tensor, g as Tensor), keep, columns, shiftLeft);
    return masked(mask as Tensor, tf.mul(shares, atMostOne(tf.sub(x as Tensor, sums))));
  },
};

/** The logarithm of nothing: finite, so that a difference of two of it is no NaN. */
const NOTHING = -1e38;

/** log Σ_{valid k ≤ t} e^{x_k}, on masked slots that of the valid ones before: addition of logarithms by doubling. */
function runningLogSums(mask: Tensor, x: Tensor, columns: number): Tensor {
  let y = tf.where(tf.greater(mask, 0), x, tf.fill(x.shape, NOTHING));
  for (let by = 1; by < columns; by *= 2) y = logAddExp(y, shiftRight(y, by, columns, NOTHING));
  return y;
}

const logAddExp = (a: Tensor, b: Tensor): Tensor => tf.add(tf.maximum(a, b), softplus(tf.neg(tf.abs(tf.sub(a, b)))));

/** eᵃ for an a that is above 0 by rounding alone. */
const atMostOne = (a: Tensor): Tensor => keepNaN(a, tf.exp(tf.minimum(a, 0)));

const masked = (mask: Tensor, x: Tensor): Tensor => tf.where(tf.greater(mask, 0), x, tf.zerosLike(x));

type Shift = (x: Tensor, by: number, columns: number) => Tensor;

/** y = x + decay · (what the next valid slot on one side came to): masked slots hand it on as it is. */
function recurrence(shift: Shift): DeviceOperation {
  return ([mask, x], { number: decay, columns }) => {
    const valid = isPositive(mask as Tensor);
    const keep = tf.add(tf.sub(1, valid), tf.mul(decay, valid));
    return tf.mul(valid, scan(masked(mask as Tensor, x as Tensor), keep, columns, shift));
  };
}

/** What the nearest valid slot on one side holds: a scan that masked slots hand on, moved by one. */
function neighbour(shift: Shift): DeviceOperation {
  return ([mask, x], { columns }) => {
    const valid = isPositive(mask as Tensor);
    const nearest = scan(masked(mask as Tensor, x as Tensor), tf.sub(1, valid), columns, shift);
    return tf.mul(valid, shift(nearest, 1, columns));
  };
}

/** Moves columns to the left by `by`, zeros coming in from the right. */
function shiftLeft(x: Tensor, by: number, columns: number): Tensor {
  if (by >= columns) return tf.zerosLike(x);
  return tf.concat([tf.slice(x, [0, by], [x.shape[0]!, columns - by]), tf.zeros([x.shape[0]!, by])], 1);
}

/** Moves columns to the right by `by`, zeros (or `filler`) coming in from the left. */
function shiftRight(x: Tensor, by: number, columns: number, filler = 0): Tensor {
  if (by >= columns) return tf.zerosLike(x);
  return tf.concat([tf.fill([x.shape[0]!, by], filler), tf.slice(x, [0, 0], [x.shape[0]!, columns - by])], 1);
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
