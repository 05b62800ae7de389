import * as tf from './operations.ts';

type Grad = (saved: readonly tf.Tensor[], dy: tf.Tensor) => tf.Tensor;

/** The gradient of an operation of one input `x`, which is saved. */
export const ofInput = (kernelName: string, gradient: (x: tf.Tensor, dy: tf.Tensor) => tf.Tensor): tf.GradConfig =>
  config(kernelName, ['x'], [], ([x], dy) => gradient(x!, dy));

/** The gradient of an operation of one input, from its output `y`, which is saved. */
export const ofOutput = (kernelName: string, gradient: (y: tf.Tensor, dy: tf.Tensor) => tf.Tensor): tf.GradConfig =>
  config(kernelName, [], [true], ([y], dy) => gradient(y!, dy));

const config = (
  kernelName: string,
  inputsToSave: string[],
  outputsToSave: boolean[],
  gradient: Grad,
): tf.GradConfig => ({
  kernelName,
  inputsToSave,
  outputsToSave,
  gradFunc: (dy, saved) => ({ x: () => gradient(saved, dy as tf.Tensor) }),
});

/** Sums what broadcasting repeated, back to the shape of the input. */
export function unbroadcast(dy: tf.Tensor, shape: number[], outShape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, outShape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}

/**
 * The gradient of an operation of two inputs that broadcast against each other. Both are saved, and the output where asked.
 */
export const ofPair = (
  kernelName: string,
  ofA: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, y?: tf.Tensor) => tf.Tensor,
  ofB: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor, y?: tf.Tensor) => tf.Tensor,
  { output = false }: { readonly output?: boolean } = {},
): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  ...(output ? { outputsToSave: [true] } : {}),
  gradFunc: (dy, [a, b, y]) => {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a!.shape, b!.shape);
    return {
      a: () => unbroadcast(ofA(dy as tf.Tensor, a!, b!, y), a!.shape, shape),
      b: () => unbroadcast(ofB(dy as tf.Tensor, a!, b!, y), b!.shape, shape),
    };
  },
});

/** As float32: the number type of every gradient. */
export const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32');
