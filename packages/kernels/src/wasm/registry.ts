/** Registering kernels with tfjs. */
import { type TensorHandle, tf } from '@svo/tensor';

/** A kernel's inputs, seen as handles. */
export type Handles = Record<string, TensorHandle>;
/** A kernel's attributes. */
export type Attributes = Record<string, number | boolean | string>;
export type KernelFunction = (inputs: Handles, attributes: Attributes) => TensorHandle | TensorHandle[];

/** Registers a kernel for the wasm backend, in place of one of the same name. */
export function register(kernelName: string, run: KernelFunction): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) =>
      run(inputs as unknown as Handles, (attrs ?? {}) as Attributes) as unknown as tf.TensorInfo,
  });
}

export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
