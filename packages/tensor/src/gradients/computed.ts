import {
  detach,
  fromHandle,
  isRecording,
  peek,
  saveOnTape,
  type TensorHandle,
  wasmHeap,
} from '../backend/internals.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import { customGradient } from './custom-gradient.ts';

/** A number computed on this machine, and the gradients on what it was computed from. */
export interface Computed {
  readonly value: number;
  /** In the order of the inputs, each as long as its input; read before the next computation. */
  readonly gradients: readonly ArrayLike<number>[];
}

/**
 * A tensor's numbers, for reading at once: where the backend's memory is within reach they are not copied, so they are valid only
 * until the next operation, and must not be written to.
 *
 * @example
 * ```ts
 * import { readNumbers, type Tensor, tf } from '@svo/tensor';
 * Array.from(readNumbers(tf.tensor1d([1, 2]))); // => [1, 2]
 * ```
 */
export function readNumbers(tensor: Tensor): Float32Array | Int32Array | Uint8Array {
  if (tensor.isDisposed) throw new Error('readNumbers: the tensor has been disposed');
  return peek(tensor);
}

/**
 * One differentiable operation whose value and gradients are computed in plain JavaScript. Both are computed at once: a second pass over a
 * few thousand numbers costs less than keeping all that lies between. First order only.
 *
 * @param inputs - the tensors that receive gradient
 * @param compute - the value, and the gradients where `recording` says that a backward pass may follow
 * @example
 * ```ts
 * import { computedScalar, readNumbers, type Tensor, tf } from '@svo/tensor';
 * const half = (x: Tensor) =>
 *   computedScalar([x], () => {
 *     const numbers = Array.from(readNumbers(x));
 *     return { value: 0.5 * numbers.reduce((sum, a) => sum + a * a, 0), gradients: [numbers] };
 *   });
 * tf.grad(half)(tf.tensor1d([1, 2])).arraySync(); // => [1, 2]
 * ```
 */
export function computedScalar(inputs: readonly Tensor[], compute: (recording: boolean) => Computed): Scalar {
  const recording = isRecording();
  const { value, gradients } = compute(recording);
  const partials = recording ? inputs.map(({ shape }, k) => newTensor(shape, gradients[k]!)) : [];
  const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] =>
    peek(dy)[0] === 1 ? saved.map(detach) : saved.map((partial) => tf.mul(partial, dy));
  const result = customGradient(inputs, () => ({ value: tf.scalar(value), gradFunc })) as Scalar;
  if (recording) saveOnTape(partials);
  return result;
}

/**
 * A float32 tensor of numbers computed in plain JavaScript; no gradient.
 *
 * @example
 * ```ts
 * import { computedTensor } from '@svo/tensor';
 * computedTensor([2], () => [1, 2]).arraySync(); // => [1, 2]
 * ```
 */
export function computedTensor(shape: readonly number[], compute: () => ArrayLike<number>): Tensor {
  return newTensor(shape, compute());
}

/** On wasm the numbers are written where the tensor lies; elsewhere the tensor keeps the array it is given. */
function newTensor(shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  if (tf.getBackend() !== 'wasm' || numbers.length === 0)
    return tf.tensor(new Float32Array(numbers), [...shape], 'float32');
  const tensor = fromHandle(wasmHeap().output(shape) as TensorHandle);
  // A loop narrows float64 three times as fast as `set` does.
  const room = peek(tensor);
  for (let i = 0; i < room.length; i++) room[i] = numbers[i]!;
  return tensor;
}
