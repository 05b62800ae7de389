/** tfjs's WebGPU device, opened for shaders of our own. */
import { tf } from '../../tf.ts';
import type { TensorHandle } from './handle.ts';
import { historyOf } from './webgpu-history.ts';

/** A compute shader and what to run it on. */
export interface ShaderRun {
  /** Names the pipeline: equal keys mean equal code. */
  readonly key: string;
  readonly code: string;
  /** Bound in order from 0; the shader says which are read and which written. */
  readonly buffers: readonly TensorHandle[];
  /** Those of them whose tensors had values before and get new ones. */
  readonly updated?: readonly TensorHandle[];
  /** 32-bit values of the uniform block, bound after the buffers. */
  readonly uniforms: readonly { readonly type: 'int32' | 'float32'; readonly data: number[] }[];
  readonly workgroups: readonly [number, number, number];
}

/** tfjs's WebGPU device, opened for shaders of our own: they join tfjs's command stream in order. */
export interface WebgpuDevice {
  /** Optional features the device was created with, such as `subgroups`. */
  readonly features: ReadonlySet<string>;
  /** A new tensor, uninitialised. */
  output(shape: readonly number[], dtype?: 'float32' | 'int32'): TensorHandle;
  /** Bytes of a buffer that a shader can read, at most. */
  readonly largestBuffer: number;
  /** 32-bit words in a buffer of the device, at once: an int32 vector. `words` is not kept. */
  upload(words: Int32Array): TensorHandle;
  /** Is it still there, with what was written to it? Data goes with a kernel that fails, and when memory runs out. */
  holds(tensor: TensorHandle): boolean;
  /** Frees a handle made by `output` or `upload` once the commands that use it have run; one that is gone already is let be. */
  release(tensor: TensorHandle): void;
  run(shader: ShaderRun): void;
  /** Calls back with the message of each error no one caught: WebGPU otherwise only logs them. */
  onError(listener: (message: string) => void): void;
}

interface WebgpuBackend {
  readonly device: {
    readonly features: ReadonlySet<string>;
    readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
    createShaderModule(descriptor: { code: string }): object;
    createComputePipeline(descriptor: object): { getBindGroupLayout(index: number): object };
    createBindGroup(descriptor: object): object;
    addEventListener(type: 'uncapturederror', listener: (event: { error: { message: string } }) => void): void;
  };
  readonly tensorMap: { get(dataId: object): { resource: object; values: unknown } };
  readonly commandQueueOwnedIds: WeakSet<object>;
  commandEncoder: { beginComputePass(): object };
  computePassEncoder: {
    setPipeline(pipeline: object): void;
    setBindGroup(index: number, group: object): void;
    dispatchWorkgroups(x: number, y: number, z: number): void;
  } | null;
  dispatchCountInPass: number;
  makeTensorInfo(shape: readonly number[], dtype: string, values?: Int32Array): TensorHandle;
  refCount(dataId: object): number;
  disposeData(dataId: object): boolean;
  uploadToGPU(dataId: object): void;
  makeUniforms(uniforms: ShaderRun['uniforms']): object;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/**
 * tfjs keeps what it read from the device and answers later reads from that, also after a shader has changed the buffer. A
 * tensor that is updated in place is read from the device every time.
 */
function keepOffHost(entry: { values: unknown }): void {
  if (entry.values !== null) entry.values = null;
  Object.defineProperty(entry, 'values', { get: () => null, set: () => undefined, configurable: true });
}

const opened = new WeakMap<object, WebgpuDevice>();

/** The active WebGPU backend's device, the same one every time; throws when another backend is active. */
export function webgpuDevice(): WebgpuDevice {
  if (tf.getBackend() !== 'webgpu')
    throw new Error(
      `webgpuDevice: the webgpu backend must be active, got '${tf.getBackend()}' (call useBackend('webgpu') first)`,
    );
  const backend = tf.backend() as unknown as WebgpuBackend;
  const device = opened.get(backend) ?? openDevice(backend);
  opened.set(backend, device);
  return device;
}

function openDevice(backend: WebgpuBackend): WebgpuDevice {
  const { device } = backend;
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const history = historyOf(backend);
  const pipelines = new Map<string, ReturnType<typeof device.createComputePipeline>>();
  return {
    features: device.features,
    output: (shape, dtype = 'float32') => backend.makeTensorInfo(shape, dtype),
    largestBuffer: Math.min(maxBufferSize, maxStorageBufferBindingSize),
    upload(words) {
      const tensor = backend.makeTensorInfo([words.length], 'int32', words);
      try {
        backend.uploadToGPU(tensor.dataId);
      } catch (error) {
        backend.disposeData(tensor.dataId);
        throw error;
      }
      return tensor;
    },
    holds: ({ dataId }) => backend.refCount(dataId) > 0 && !history.isLost(dataId),
    release({ dataId }) {
      if (backend.refCount(dataId) > 0) backend.disposeData(dataId);
    },
    run({ key, code, buffers, updated = [], uniforms, workgroups }) {
      let pipeline = pipelines.get(key);
      if (pipeline === undefined) {
        const module = device.createShaderModule({ code });
        pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
        pipelines.set(key, pipeline);
      }
      const resources = buffers.map(({ dataId }) => {
        backend.uploadToGPU(dataId);
        backend.commandQueueOwnedIds.add(dataId);
        return { buffer: backend.tensorMap.get(dataId).resource };
      });
      for (const { dataId } of updated) {
        keepOffHost(backend.tensorMap.get(dataId));
        history.wrote(dataId);
      }
      const entries = [...resources, backend.makeUniforms(uniforms)].map((resource, binding) => ({
        binding,
        resource,
      }));
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      backend.ensureCommandEncoderReady();
      backend.computePassEncoder ??= backend.commandEncoder.beginComputePass() as NonNullable<
        WebgpuBackend['computePassEncoder']
      >;
      backend.computePassEncoder.setPipeline(pipeline);
      backend.computePassEncoder.setBindGroup(0, group);
      backend.computePassEncoder.dispatchWorkgroups(...workgroups);
      backend.dispatchCountInPass++;
      if (backend.dispatchCountInPass >= (tf.env().get('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE') as number)) {
        backend.endComputePassEncoder();
        backend.submitQueue();
      }
    },
    onError: (listener) => device.addEventListener('uncapturederror', ({ error }) => listener(error.message)),
  };
}
