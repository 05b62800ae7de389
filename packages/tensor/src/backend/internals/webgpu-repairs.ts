/** What tfjs 4.22's WebGPU backend gets wrong without a word, put right. */
import { tf } from '../../tf.ts';

/** The part of a GPUDevice used here. */
interface Device {
  readonly limits: { readonly maxStorageBuffersPerShaderStage: number };
}

/**
 * tfjs sums n tensors in one shader with n + 1 buffers, also where a device allows fewer (8 to 12 are usual), and gets garbage.
 * Sums of more go through several shaders.
 */
export function registerAddNInParts(device: object): void {
  const most = (device as Device).limits.maxStorageBuffersPerShaderStage - 1;
  const { kernelFunc } = tf.getKernel('AddN', 'webgpu')!;
  tf.unregisterKernel('AddN', 'webgpu');
  tf.registerKernel({
    kernelName: 'AddN',
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const terms = inputs as unknown as tf.TensorInfo[];
      const sumOf = (some: readonly tf.TensorInfo[]): tf.TensorInfo =>
        kernelFunc({
          inputs: some as unknown as tf.NamedTensorInfoMap,
          backend,
          ...(attrs && { attrs }),
        }) as tf.TensorInfo;
      let sum = sumOf(terms.slice(0, most));
      for (let first = most; first < terms.length; first += most - 1) {
        const next = sumOf([sum, ...terms.slice(first, first + most - 1)]);
        (backend as unknown as { disposeData(dataId: object): void }).disposeData(sum.dataId);
        sum = next;
      }
      return sum;
    },
  });
}
