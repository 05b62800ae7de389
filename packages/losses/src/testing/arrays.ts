import { type Scalar, type Tensor, tf, valueAndGrads } from '@svo/tensor';
import type { Matrix, Vector } from '../reference/index.ts';

/** Named inputs as plain arrays, [B] or [B, S]. */
export type Arrays = Readonly<Record<string, Vector | Matrix>>;

/** Value and gradients, read back. */
export interface Evaluated {
  readonly value: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

export const isMatrix = (array: Vector | Matrix): array is Matrix => Array.isArray(array[0]);

/** Makes a tensor; `stepIds` as int32, all others float32. An empty array needs its width. */
export function toTensor(array: Vector | Matrix, name = '', width = 0): Tensor {
  const dtype = name === 'stepIds' ? 'int32' : 'float32';
  if (!isMatrix(array)) return tf.tensor([...array] as number[], [array.length], dtype);
  return tf.tensor(array.flat(), [array.length, array[0]?.length ?? width], dtype);
}

export const toTensors = (inputs: Arrays): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, toTensor(array, name)]));

/** Runs a loss on arrays: its value, and the gradients on the inputs named in `trained`. Disposes of everything. */
export function evaluateLoss(
  loss: (tensors: Record<string, Tensor>) => Scalar,
  inputs: Arrays,
  trained: readonly string[],
): Evaluated {
  return tf.tidy(() => {
    const tensors = toTensors(inputs);
    const params = Object.fromEntries(trained.map((name) => [name, tensors[name]]));
    const { value, gradients } = valueAndGrads((live) => loss({ ...tensors, ...live }), params);
    const read = Object.entries(gradients).map(([name, gradient]) => [name, Array.from(gradient.dataSync())]);
    return { value: value.dataSync()[0], gradients: Object.fromEntries(read) };
  });
}

/** A gradient of the reference as one flat list. */
export const flat = (array: Vector | Matrix): number[] =>
  (array as readonly (number | readonly number[])[]).flat() as number[];
