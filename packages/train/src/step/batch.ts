import type { TensorData } from '@svo/files';
import { type Tensor, upload } from '@svo/tensor';

/** A batch as a loss sees it: every `{ data, shape }` has become a tensor, everything else is as it was. */
export type DeviceBatch<B> = { readonly [K in keyof B]: OnDevice<B[K]> };

/** Distributes over unions: an array that may be absent is a tensor that may be absent. */
type OnDevice<Value> = Value extends TensorData ? Tensor : Value;

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
