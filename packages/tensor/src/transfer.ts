import type { TensorData } from '@svo/files';
import { type Tensor, tf } from './tf.ts';

/** The tensors of a batch: the names of its arrays, without its other fields. */
export type Uploaded<B> = { [K in keyof B as NonNullable<B[K]> extends TensorData ? K : never]: Tensor };

/**
 * Makes a tensor of each array, under the same name: int32 from `Int32Array`, float32 from `Float32Array`. What a batch
 * carries besides its arrays (`rows`, `cursor`, `lengths`) is left behind. The caller owns the tensors.
 *
 * @param batch - named arrays with their shapes
 * @throws RangeError when an array's length does not fit its shape
 * @example
 * ```ts
 * import { upload } from '@svo/tensor';
 * upload({ mask: { data: new Float32Array([1, 0]), shape: [1, 2] } }).mask.arraySync(); // => [[1, 0]]
 * ```
 */
export function upload<B extends object>(batch: B): Uploaded<B> {
  const arrays = Object.entries(batch).filter((entry): entry is [string, TensorData] => isTensorData(entry[1]));
  const tensors = arrays.map(([name, { data, shape }]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    if (size !== data.length) {
      throw new RangeError(`upload: ${name} of shape [${shape.join(', ')}] needs ${size} numbers, got ${data.length}`);
    }
    return [name, tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32')];
  });
  return Object.fromEntries(tensors) as Uploaded<B>;
}

/** A tensor has a shape too, and a method called `data`: only numbers count. */
const isTensorData = (value: unknown): value is TensorData =>
  typeof value === 'object' && value !== null && 'shape' in value && 'data' in value && ArrayBuffer.isView(value.data);

/**
 * The reverse of `upload`: reads each tensor back into plain arrays (bool becomes int32). Disposes of nothing.
 *
 * @example
 * ```ts
 * import { download, tf } from '@svo/tensor';
 * (await download({ x: tf.tensor1d([1, 2]) })).x.shape; // => [2]
 * ```
 */
export async function download<K extends string>(tensors: Readonly<Record<K, Tensor>>): Promise<Record<K, TensorData>> {
  const entries = Object.entries<Tensor>(tensors).map(async ([name, tensor]) => {
    const read = await tensor.data();
    const data = tensor.dtype === 'float32' ? Float32Array.from(read) : Int32Array.from(read);
    return [name, { data, shape: [...tensor.shape] }];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<K, TensorData>;
}
