/** Registering kernels with tfjs. */
import { type TensorHandle, tf } from '@svo/tensor';
import type { KernelName } from './kernel-calls.ts';

/** A kernel's inputs, seen as handles. */
export type Handles = Record<string, TensorHandle>;
/** A kernel's attributes. */
export type Attributes = Record<string, number | boolean | string>;
export type KernelFunction = (inputs: Handles, attributes: Attributes) => TensorHandle | TensorHandle[];
/** The kernels of these operations. */
export type Kernels<Names extends KernelName> = Record<Names, KernelFunction>;

const originals = new Map<string, KernelFunction>();

/** tfjs's own kernel of that name, for the cases ours does not cover; found again after ours has taken its place. */
export function originalKernel(kernelName: string, backendName: string): KernelFunction {
  const key = `${backendName} ${kernelName}`;
  const known = originals.get(key);
  if (known) return known;
  const { kernelFunc } = tf.getKernel(kernelName, backendName)!;
  const original: KernelFunction = (inputs, attributes) =>
    kernelFunc({
      inputs: inputs as unknown as tf.NamedTensorInfoMap,
      attrs: attributes as unknown as tf.NamedAttrMap,
      backend: tf.backend(),
    }) as unknown as TensorHandle;
  originals.set(key, original);
  return original;
}

/** Registers a kernel for a backend, in place of one of the same name. */
export function register(kernelName: string, backendName: string, run: KernelFunction): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      run(inputs as unknown as Handles, (attrs ?? {}) as Attributes) as unknown as tf.TensorInfo,
  });
}

/** Elements of a shape. */
export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
