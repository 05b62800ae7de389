/** Gradients of sums, extremes, products of matrices, and what normalises along an axis. */
import { unbroadcast } from './gradient.ts';
import * as tf from './operations.ts';

const { mul, sub, sum } = tf;

const axesOf = (axis: number | number[] | null | undefined, shape: number[]): number[] =>
  tf.util.parseAxisParam(axis ?? shape.map((_, i) => i), shape);

/** The shape with the reduced axes kept at size 1. */
const keptShape = (shape: number[], axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size));

/** dy of a reduction, repeated over what was reduced. */
const spread = (dy: tf.Tensor, shape: number[], axes: readonly number[]): tf.Tensor =>
  mul(tf.reshape(dy, keptShape(shape, axes)), tf.ones(shape, 'float32'));

const reduction = (
  kernelName: string,
  axisName: 'axis' | 'reductionIndices',
  gradient: (dy: tf.Tensor, x: tf.Tensor, axes: number[], y: tf.Tensor | undefined) => tf.Tensor,
  output = false,
): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['x'],
  ...(output ? { outputsToSave: [true] } : {}),
  gradFunc: (dy, [x, y], attrs) => {
    const axes = axesOf((attrs as unknown as Record<string, number | number[]>)[axisName], x!.shape);
    return { x: () => gradient(dy as tf.Tensor, x!, axes, y) };
  },
});

/** Every element that equals the extreme gets dy: ties share it whole, as in tfjs. */
const extreme = (kernelName: string, axisName: 'axis' | 'reductionIndices'): tf.GradConfig =>
  reduction(
    kernelName,
    axisName,
    (dy, x, axes, y) => {
      const kept = keptShape(x.shape, axes);
      return mul(tf.reshape(dy, kept), tf.cast(tf.equal(x, tf.reshape(y!, kept)), dy.dtype));
    },
    true,
  );

/** ∂L/∂a and ∂L/∂b of a product, for each way of transposing; leading axes that were broadcast are summed. */
const product: tf.GradConfig = {
  kernelName: 'BatchMatMul',
  inputsToSave: ['a', 'b'],
  gradFunc: (given, [a, b], attrs) => {
    const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const dy = given as tf.Tensor;
    const m = tf.matMul;
    const back = (x: tf.Tensor, shape: number[]): tf.Tensor => unbroadcast(x, shape, x.shape);
    return {
      a: () => back(transposeA ? m(b!, dy, transposeB, true) : m(dy, b!, false, !transposeB), a!.shape),
      b: () => back(transposeB ? m(dy, a!, true, transposeA) : m(a!, dy, !transposeA, false), b!.shape),
    };
  },
};

export const reducingGradients: readonly tf.GradConfig[] = [
  reduction('Sum', 'axis', (dy, x, axes) => spread(dy, x.shape, axes)),
  reduction('Mean', 'axis', (dy, x, axes) =>
    tf.div(spread(dy, x.shape, axes), tf.util.sizeFromShape(axes.map((axis) => x.shape[axis]!))),
  ),
  extreme('Max', 'reductionIndices'),
  extreme('Min', 'axis'),
  product,
  {
    kernelName: 'Softmax',
    outputsToSave: [true],
    gradFunc: (dy, [y], attrs) => {
      const { dim } = attrs as unknown as { dim: number };
      const weighted = mul(dy as tf.Tensor, y!);
      return { logits: () => sub(weighted, mul(sum(weighted, [dim], true), y!)) };
    },
  },
  {
    kernelName: 'LogSoftmax',
    outputsToSave: [true],
    gradFunc: (dy, [y], attrs) => {
      const { axis } = attrs as unknown as { axis: number };
      return { logits: () => sub(dy as tf.Tensor, mul(sum(dy as tf.Tensor, axis, true), tf.exp(y!))) };
    },
  },
  {
    kernelName: 'Cumsum',
    inputsToSave: ['x'],
    gradFunc: (dy, _, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as { axis: number; exclusive: boolean; reverse: boolean };
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  },
  ...['ArgMax', 'ArgMin'].map((kernelName) => ({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (_: tf.Tensor | tf.Tensor[], [x]: tf.Tensor[]) => ({ x: () => tf.zerosLike(x!) }),
  })),
];
