/** The one file that imports tfjs: everything else takes `tf` from here. */
import * as tf from '@tensorflow/tfjs';

/** All of TensorFlow.js, as this project pins it. */
export { tf };
/** A tensor of any rank. */
export type Tensor = tf.Tensor;
/** A tensor of rank 0: what a loss gives. */
export type Scalar = tf.Scalar;

/** Loads and registers tfjs's WebAssembly backend; nothing is fetched until it is asked for. */
export const loadWasmBackend = (): Promise<typeof import('@tensorflow/tfjs-backend-wasm')> =>
  import('@tensorflow/tfjs-backend-wasm');

/** Loads and registers tfjs's WebGPU backend, which looks for `navigator.gpu` when it is first used. */
export const loadWebgpuBackend = (): Promise<typeof import('@tensorflow/tfjs-backend-webgpu')> =>
  import('@tensorflow/tfjs-backend-webgpu');
