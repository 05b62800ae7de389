/** tfjs as everything here takes it: the operations, their gradients, and a backend that runs anywhere. */
import '@tensorflow/tfjs-backend-cpu';
import { registerGradients } from './tfjs/gradients.ts';
import { installs } from './tfjs/installs.ts';
import * as tf from './tfjs/operations.ts';

registerGradients();
// All it does is to silence tfjs's advertisement on the first tensor.
tf.enableProdMode();

/**
 * The tensors, operations and gradients of `@tensorflow/tfjs-core`. Who also imports `@tensorflow/tfjs`, or tfjs-core itself,
 * works on the same tensors and the same engine.
 */
export { tf };
/** A tensor of any rank. */
export type Tensor = tf.Tensor;
/** A tensor of rank 0: what a loss gives. */
export type Scalar = tf.Scalar;

/** What is used of `@tensorflow/tfjs-backend-wasm`. */
export interface WasmBackendPackage {
  setWasmPaths(prefix: string): void;
  setThreadsCount(threads: number): void;
  getThreadsCount(): number;
}

/** What is used of `@tensorflow/tfjs-backend-webgpu`. */
export interface WebgpuBackendPackage {
  readonly WebGPUBackend: new (device: never, adapter: never) => tf.KernelBackend;
}

/** Loads and registers tfjs's WebAssembly backend, a package of its own; nothing is fetched until it is asked for. */
export const loadWasmBackend = (): Promise<WasmBackendPackage> =>
  import('@tensorflow/tfjs-backend-wasm').catch(explained('wasm'));

/** Loads and registers tfjs's WebGPU backend, a package of its own, which looks for `navigator.gpu` when it is first used. */
export const loadWebgpuBackend = (): Promise<WebgpuBackendPackage> =>
  import('@tensorflow/tfjs-backend-webgpu').catch(explained('webgpu'));

/** Says what to install when a package is not there. */
const explained =
  (backend: 'wasm' | 'webgpu') =>
  (error: unknown): never => {
    const absent = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as { code: string }).code);
    if (!absent) throw error;
    throw new Error(`useBackend: the ${backend} backend is a package of its own: npm install ${installs[backend]}`, {
      cause: error,
    });
  };
