import type { TensorData } from '@svo/files';
import { tf } from '@svo/tensor';
import type { Json } from '../types.ts';

/** A tree with its tensors taken out: JSON in which `{ "$tensor": key }` stands where each one was, and their values by key. */
export interface PackedState {
  readonly json: Json;
  readonly tensors: Readonly<Record<string, TensorData>>;
}

/** The name a reference hides under. A state that used it for something else could not be told apart, so that is an error. */
const mark = '$tensor';

/** Takes the tensors out of a plain tree. A key is the path to the tensor, its parts joined by `/`. */
export async function packState(tree: unknown): Promise<PackedState> {
  const tensors: Record<string, TensorData> = {};
  const pack = async (node: unknown, path: readonly string[]): Promise<Json> => {
    if (node instanceof tf.Tensor) {
      let key = path.join('/');
      // Names may hold slashes themselves, so two paths may read alike.
      while (Object.hasOwn(tensors, key)) key += "'";
      // Taken before the wait below, while which others may look for a name.
      tensors[key] = { data: new Float32Array(0), shape: [] };
      tensors[key] = { data: (await node.data()) as Float32Array | Int32Array, shape: node.shape };
      return { [mark]: key };
    }
    if (typeof node === 'number' && !Number.isFinite(node))
      throw new RangeError(`saveCheckpoint: ${path.join('.')} must be a finite number, got ${node}`);
    if (node === null || typeof node !== 'object') return node as Json;
    if (Array.isArray(node)) return Promise.all(node.map((item, i) => pack(item, [...path, String(i)])));
    if (mark in node) throw new RangeError(`saveCheckpoint: ${path.join('.')} must not have a key named ${mark}`);
    const entries = Object.entries(node).filter(([, child]) => child !== undefined);
    return Object.fromEntries(
      await Promise.all(entries.map(async ([name, child]) => [name, await pack(child, [...path, name])])),
    );
  };
  return { json: await pack(tree, []), tensors };
}

/** Puts the tensors back, on the active backend. Throws a RangeError naming a key that is missing. */
export function unpackState({ json, tensors }: PackedState): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map((item) => unpackState({ json: item, tensors }));
  const key = (json as { readonly [key: string]: Json })[mark];
  if (typeof key !== 'string')
    return Object.fromEntries(
      Object.entries(json).map(([name, child]) => [name, unpackState({ json: child, tensors })]),
    );
  const tensor = Object.hasOwn(tensors, key) ? tensors[key] : undefined;
  if (!tensor) throw new RangeError(`loadCheckpoint: tensor ${key} is missing from the checkpoint's safetensors files`);
  return tf.tensor(tensor.data, [...tensor.shape], tensor.data instanceof Int32Array ? 'int32' : 'float32');
}
