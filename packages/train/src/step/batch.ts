import type { TensorData } from '@svo/files';
import { type Tensor, upload } from '@svo/tensor';

/** A batch as a loss sees it: every `{ data, shape }` has become a tensor, everything else is as it was. */
export type DeviceBatch<B> = { readonly [K in keyof B]: B[K] extends TensorData ? Tensor : B[K] };

/** Puts a batch's host arrays on the device. `dispose` frees what was made here, and nothing the caller brought along. */
export function uploadBatch<B extends object>(batch: B): { uploaded: DeviceBatch<B>; dispose: () => void } {
  const made: Readonly<Record<string, Tensor>> = upload(batch);
  return {
    uploaded: { ...batch, ...made } as DeviceBatch<B>,
    dispose: () => {
      for (const tensor of Object.values(made)) tensor.dispose();
    },
  };
}
