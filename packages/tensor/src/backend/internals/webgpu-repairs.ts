/** What tfjs 4.22's WebGPU backend gets wrong without a word, put right. */
import { tf } from '../../tf.ts';

/** The part of a GPUDevice used here. */
interface Device {
  readonly limits: { readonly maxStorageBuffersPerShaderStage: number };
  addEventListener(type: 'uncapturederror', listener: (event: { error: { message: string } }) => void): void;
}

interface Readable {
  read(dataId: object): Promise<unknown>;
}

/**
 * Makes reads of a backend fail once a command of its device was invalid. WebGPU drops such a command with a line in the log,
 * and whatever was to be computed stays what its buffer held before: numbers like any others.
 */
export function failReadsAfterErrors(backend: Readable, device: object): void {
  let failure: string | undefined;
  (device as Device).addEventListener('uncapturederror', ({ error }) => {
    failure ??= error.message;
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (failure !== undefined)
      throw new Error(`webgpu: a command was invalid, so results cannot be trusted (${failure.split('\n')[0]})`);
    return values;
  };
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
