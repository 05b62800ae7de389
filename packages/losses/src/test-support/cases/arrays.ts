import { type Scalar, type Tensor, tf, valueAndGrads } from '@svo/tensor';
import type { Matrix, Vector } from '../../reference/index.ts';

/** Named inputs as plain arrays, [B] or [B, S]. */
export type Arrays = Readonly<Record<string, Vector | Matrix>>;

/** Value and gradients, read back. */
export interface Evaluated {
  readonly value: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

export const isMatrix = (array: Vector | Matrix): array is Matrix => Array.isArray(array[0]);

/** Makes a tensor; `stepIds` as int32, all others float32. An array without rows needs its columns. */
export function toTensor(array: Vector | Matrix, name = '', columns?: number): Tensor {
  const dtype = name === 'stepIds' ? 'int32' : 'float32';
  const matrix = isMatrix(array) || columns !== undefined;
  if (!matrix) return tf.tensor([...array] as number[], [array.length], dtype);
  const rows = array as Matrix;
  return tf.tensor(rows.flat(), [rows.length, rows[0]?.length ?? columns ?? 0], dtype);
}

export const toTensors = (inputs: Arrays): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(inputs).map(([name, array]) => [name, toTensor(array, name)]));

/**
 * Runs a loss on arrays: its value, and the gradients on the inputs named in `trained`. Disposes of everything, also when the
 * loss throws. A promise, because a GPU's memory cannot be read at once.
 */
export function evaluateLoss(
  loss: (tensors: Record<string, Tensor>) => Scalar,
  inputs: Arrays,
  trained: readonly string[],
): Promise<Evaluated> {
  return evaluateTensors(loss, () => toTensors(inputs), trained);
}

/** `evaluateLoss` on tensors made by `make`. */
export async function evaluateTensors(
  loss: (tensors: Record<string, Tensor>) => Scalar,
  make: () => Record<string, Tensor>,
  trained: readonly string[],
): Promise<Evaluated> {
  const [value, ...gradients] = await readAll(() => {
    const tensors = make();
    const params = Object.fromEntries(trained.map((name) => [name, tensors[name]!]));
    const result = valueAndGrads((live) => loss({ ...tensors, ...live }), params);
    return [result.value, ...trained.map((name) => result.gradients[name]!)];
  });
  return { value: value![0]!, gradients: Object.fromEntries(trained.map((name, k) => [name, gradients[k]!])) };
}

/** Reads all tensors `make` returns, and disposes of them and of whatever it made on the way. */
export async function readAll(make: () => Tensor[]): Promise<number[][]> {
  const tensors = tf.tidy(make);
  const numbers = await Promise.all(tensors.map(async (tensor) => Array.from(await tensor.data())));
  tf.dispose(tensors);
  return numbers;
}

/** A gradient of the reference as one flat list. */
export const flat = (array: Vector | Matrix): number[] =>
  (array as readonly (number | readonly number[])[]).flat() as number[];
