import { softplus, type Tensor, tf } from '@svo/tensor';
import type { DeviceOperation, Place } from './device-operation.ts';

type Value = Tensor | number;

/** Element by element; on WebGPU minimum, maximum, sigmoid and exponential drop a NaN, which is put back. */
export const elementOperations: Readonly<Record<string, DeviceOperation>> = {
  stop: ([a]) => a!,
  add: known((a, b) => a + b, tf.add),
  sub: known((a, b) => a - b, tf.sub),
  div: known((a, b) => a / b, tf.div),
  mul: known(
    (a, b) => a * b,
    (a, b) => tf.mul(asColumn(a, b), asColumn(b, a)),
  ),
  through: ([g, slope], place) =>
    tf.where(tf.equal(full(g!, place), 0), tf.zeros(place.shape), tf.mul(full(g!, place), slope!)),
  square: ([a]) => tf.mul(a!, a!),
  exp: ([a]) => exponential(tensor(a!)),
  expm1: ([a]) => expm1(tensor(a!)),
  expExcess: ([a]) => expExcess(tensor(a!)),
  expDifference: ([a, b]) => expDifference(tensor(a!), tensor(b!)),
  softplus: ([a]) => softplus(tensor(a!)),
  sigmoid: ([a]) => keepNaN(tensor(a!), tf.sigmoid(a!)),
  relu: ([a]) => keepNaN(tensor(a!), tf.maximum(a!, 0)),
  atMost: ([a], { number }) => keepNaN(tensor(a!), tf.minimum(a!, number)),
  positive: ([a]) => keepNaN(tensor(a!), isPositive(tensor(a!))),
  equal: ([a, b]) => tf.cast(tf.equal(a!, b!), 'float32'),
  select: ([condition, a, b], place) =>
    tf.where(tf.greater(full(condition!, place), 0), full(a!, place), full(b!, place)),
  difference: ([mask, a, b], place) =>
    tf.where(tf.greater(mask!, 0), full(tf.sub(a!, b!), place), tf.zeros(place.shape)),
  fill: ([a], place) => full(a!, place),
};

/** 1 where a > 0. */
export const isPositive = (a: Tensor): Tensor => tf.cast(tf.greater(a, 0), 'float32');

const tensor = (a: Value): Tensor => (typeof a === 'number' ? tf.scalar(a) : a);

/** Arithmetic that stays a number between numbers: scalars of a formula cost no kernel. */
function known(
  ofNumbers: (a: number, b: number) => number,
  ofTensors: (a: Value, b: Value) => Tensor,
): DeviceOperation {
  return ([a, b]) => (typeof a === 'number' && typeof b === 'number' ? ofNumbers(a, b) : ofTensors(a!, b!));
}

/** A vector [R] as a column [R, 1] beside a matrix, so that it multiplies rows. */
function asColumn(a: Value, beside: Value): Value {
  if (typeof a === 'number' || typeof beside === 'number') return a;
  return a.rank === 1 && beside.rank === 2 ? tf.reshape(a, [a.size, 1]) : a;
}

function full(value: Value, { shape }: Place): Tensor {
  if (typeof value === 'number') return tf.fill(shape, value);
  return value.rank === shape.length ? value : tf.mul(tf.ones(shape), value);
}

/** The result, and NaN where the source is: some shaders drop it. */
export const keepNaN = (source: Tensor, result: Tensor): Tensor => tf.where(tf.isNaN(source), source, result);

const exponential = (a: Tensor): Tensor => keepNaN(a, tf.exp(a));

/** Where |a| is below this the series is exact to float32, and what it replaces cancels. Not where a is NaN, which the series keeps. */
const isNear = (a: Tensor): Tensor => tf.logicalNot(tf.greater(tf.abs(a), 0.05));

/** 1 + a/x (1 + a/y (1 + a/z …)). */
const nested = (a: Tensor, divisors: readonly number[]): Tensor =>
  divisors.reduceRight<Tensor>(
    (inner, divisor) => tf.add(1, tf.mul(tf.div(a, divisor), inner)),
    tf.add(tf.mul(a, 0), 1),
  );

const expm1 = (a: Tensor): Tensor => tf.where(isNear(a), tf.mul(a, nested(a, [2, 3, 4, 5])), tf.sub(exponential(a), 1));

const expExcess = (a: Tensor): Tensor =>
  tf.where(isNear(a), tf.mul(tf.mul(0.5, tf.mul(a, a)), nested(a, [3, 4, 5, 6])), tf.sub(tf.sub(exponential(a), 1), a));

/** ±e^max(a, b)·(1 − e^−|a − b|). */
function expDifference(a: Tensor, b: Tensor): Tensor {
  const apart = tf.sub(a, b);
  const size = tf.mul(exponential(tf.maximum(a, b)), tf.neg(expm1(tf.neg(tf.abs(apart)))));
  const signed = tf.mul(tf.sub(isPositive(apart), isPositive(tf.neg(apart))), size);
  return keepNaN(apart, tf.where(tf.equal(a, b), tf.zerosLike(signed), signed));
}
