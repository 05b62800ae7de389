/** A state of training as plain numbers, which a browser's storage can hold, and back; bit for bit, names in their order. */
import type { TensorData } from '@svo/files';
import { tf } from '@svo/tensor';
import type { TrainState } from '@svo/train';

type Packed =
  | null
  | boolean
  | number
  | string
  | { readonly tensor: TensorData }
  | readonly Packed[]
  | { readonly [key: string]: Packed };

/** A state that was packed. */
export type PackedState = Packed & { readonly __state?: never };

export const packState = async (state: TrainState): Promise<PackedState> => (await pack(state)) as PackedState;

export const unpackState = (packed: PackedState): TrainState => unpack(packed) as TrainState;

async function pack(value: unknown): Promise<Packed> {
  if (value instanceof tf.Tensor) {
    // A copy: the backend's own array may be the tensor's next value.
    const data = (await value.data()).slice() as TensorData['data'];
    return { tensor: { data, shape: [...value.shape] } };
  }
  if (Array.isArray(value)) return Promise.all(value.map(pack));
  if (typeof value !== 'object' || value === null) return value as Packed;
  const entries: [string, Packed][] = [];
  for (const [key, one] of Object.entries(value)) if (one !== undefined) entries.push([key, await pack(one)]);
  return Object.fromEntries(entries);
}

function unpack(packed: Packed): unknown {
  if (Array.isArray(packed)) return packed.map(unpack);
  if (typeof packed !== 'object' || packed === null) return packed;
  if (isTensor(packed)) {
    const { data, shape } = packed.tensor;
    return tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
  }
  return Object.fromEntries(Object.entries(packed).map(([key, one]) => [key, unpack(one)]));
}

const isTensor = (packed: object): packed is { readonly tensor: TensorData } =>
  'tensor' in packed && ArrayBuffer.isView((packed as { tensor: TensorData }).tensor.data);
