import { type HostTensor, type Tensor, tf } from '@svo/tensor';

/** A batch as a loss sees it: every `{ data, shape }` has become a tensor, everything else is as it was. */
export type Uploaded<B> = { readonly [K in keyof B]: B[K] extends HostTensor ? Tensor : B[K] };

/** Puts a batch's host arrays on the device. `dispose` frees what was made here, and nothing the caller brought along. */
export function uploadBatch<B extends object>(batch: B): { uploaded: Uploaded<B>; dispose: () => void } {
  const made: Tensor[] = [];
  const entries = Object.entries(batch).map(([name, field]) => {
    if (!isHostTensor(field)) return [name, field];
    const tensor = tf.tensor(field.data, [...field.shape], field.data instanceof Int32Array ? 'int32' : 'float32');
    made.push(tensor);
    return [name, tensor];
  });
  return {
    uploaded: Object.fromEntries(entries) as Uploaded<B>,
    dispose: () => {
      for (const tensor of made) tensor.dispose();
    },
  };
}

function isHostTensor(field: unknown): field is HostTensor {
  return (
    typeof field === 'object' && field !== null && 'shape' in field && 'data' in field && ArrayBuffer.isView(field.data)
  );
}
