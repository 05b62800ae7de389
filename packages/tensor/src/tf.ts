/** The one file that imports tfjs: everything else takes `tf` from here. */
import * as tf from '@tensorflow/tfjs';

export { tf };
export type Tensor = tf.Tensor;
export type Scalar = tf.Scalar;

/** Loads and registers tfjs's WebAssembly backend; nothing is fetched until it is asked for. */
export const loadWasmBackend = (): Promise<typeof import('@tensorflow/tfjs-backend-wasm')> =>
  import('@tensorflow/tfjs-backend-wasm');

/** Loads and registers tfjs's WebGPU backend, which looks for `navigator.gpu` when it is first used. */
export const loadWebgpuBackend = (): Promise<typeof import('@tensorflow/tfjs-backend-webgpu')> =>
  import('@tensorflow/tfjs-backend-webgpu');
