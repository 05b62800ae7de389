/**
 * Every private field of tfjs 4.22.0 this project touches, in this file and, for tfjs-node, in `tensorflow-internals.ts`.
 * The version is pinned exactly; a change of it has to be checked here and nowhere else.
 */
import { type Tensor, tf } from '../tf.ts';

/** A tensor as a kernel sees it: shape and type, with an opaque handle to the data. */
export interface TensorHandle {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
}

/** The part of `WebAssembly.Memory` used here (its type lives in the DOM library, which this project leaves out). */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

interface WasmModule {
  readonly wasmMemory?: WasmMemory;
  readonly asm: { readonly memory: WasmMemory };
  readonly tfjs: { getThreadsCount(): number };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

interface WasmBackend {
  readonly wasm: WasmModule;
  readonly dataIdMap: { get(dataId: object): { memoryOffset: number; refCount: number } };
  makeOutput(shape: readonly number[], dtype: string): TensorHandle;
  typedArrayFromHeap(tensor: TensorHandle): Float32Array | Int32Array | Uint8Array;
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
}

/** tfjs's wasm heap, opened for kernels of our own. */
export interface WasmHeap {
  readonly memory: WasmMemory;
  /** True when the memory is a SharedArrayBuffer other threads can compute in. */
  readonly shared: boolean;
  /** Threads tfjs's own kernels run on. */
  readonly threads: number;
  /** Byte address of a tensor's data. */
  pointer(tensor: TensorHandle): number;
  /** A new, uninitialised tensor. */
  output(shape: readonly number[], dtype?: 'float32' | 'int32'): TensorHandle;
  /** The same data under a second handle: no copy, one reference more. */
  alias(tensor: TensorHandle, shape: number[]): TensorHandle;
  /** Frees a handle made by `output`. */
  release(tensor: TensorHandle): void;
  /** Raw bytes that belong to no tensor; throws when the 4 GiB are used up. */
  allocate(bytes: number): number;
  free(pointer: number): void;
}

/** Opens the active wasm backend's heap; throws when another backend is active. */
export function wasmHeap(): WasmHeap {
  if (tf.getBackend() !== 'wasm')
    throw new Error(
      `wasmHeap: the wasm backend must be active, got '${tf.getBackend()}' (call useBackend('wasm') first)`,
    );
  const backend = tf.backend() as unknown as WasmBackend;
  const { wasm } = backend;
  const memory = wasm.wasmMemory ?? wasm.asm.memory;
  return {
    memory,
    shared: wasm.wasmMemory !== undefined,
    threads: wasm.tfjs.getThreadsCount(),
    pointer: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
    output: (shape, dtype = 'float32') => backend.makeOutput(shape, dtype),
    alias(tensor, shape) {
      backend.incRef(tensor.dataId);
      return { dataId: tensor.dataId, shape, dtype: tensor.dtype };
    },
    release: (tensor) => void backend.disposeData(tensor.dataId),
    allocate(bytes) {
      const pointer = wasm._malloc(bytes) >>> 0;
      if (pointer === 0)
        throw new RangeError(
          `wasmHeap.allocate: no room for ${bytes} bytes (wasm memory ends at 4 GiB; dispose tensors or use a smaller batch)`,
        );
      return pointer;
    },
    free: (pointer) => wasm._free(pointer),
  };
}

/**
 * A tensor's numbers for reading at once: where the backend's memory is within reach they are not copied, so the view is valid only
 * until the next operation, and writing to it would write to the tensor.
 */
export function peek(tensor: Tensor): Float32Array | Int32Array | Uint8Array {
  if (tf.getBackend() !== 'wasm') return tensor.dataSync() as Float32Array;
  return (tf.backend() as unknown as WasmBackend).typedArrayFromHeap(tensor as unknown as TensorHandle);
}

/** A tensor of a handle the active backend has made. */
export function fromHandle(handle: TensorHandle): Tensor {
  const engine = tf.engine() as unknown as { makeTensorFromTensorInfo(info: TensorHandle): Tensor };
  return engine.makeTensorFromTensorInfo(handle);
}

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
  /** Frees a handle made by `output` once the commands that use it have run. */
  release(tensor: TensorHandle): void;
  run(shader: ShaderRun): void;
  /** Calls back with the message of each error no one caught: WebGPU otherwise only logs them. */
  onError(listener: (message: string) => void): void;
}

interface WebgpuBackend {
  readonly device: {
    readonly features: ReadonlySet<string>;
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
  makeTensorInfo(shape: readonly number[], dtype: string): TensorHandle;
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

/** Opens the active WebGPU backend's device; throws when another backend is active. */
export function webgpuDevice(): WebgpuDevice {
  if (tf.getBackend() !== 'webgpu')
    throw new Error(
      `webgpuDevice: the webgpu backend must be active, got '${tf.getBackend()}' (call useBackend('webgpu') first)`,
    );
  const backend = tf.backend() as unknown as WebgpuBackend;
  const { device } = backend;
  const pipelines = new Map<string, ReturnType<typeof device.createComputePipeline>>();
  return {
    features: device.features,
    output: (shape, dtype = 'float32') => backend.makeTensorInfo(shape, dtype),
    release: (tensor) => void backend.disposeData(tensor.dataId),
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
      for (const { dataId } of updated) keepOffHost(backend.tensorMap.get(dataId));
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

/**
 * The same values without a gradient: a second tensor over the same data, made outside the tape. No copy is made.
 *
 * @example
 * ```ts
 * import { detach, tf } from '@svo/tensor';
 * const gradient = tf.grad((x) => tf.sum(tf.mul(x, detach(x))))(tf.tensor1d([2, 3]));
 * Array.from(gradient.dataSync()); // => [2, 3]
 * ```
 */
export function detach<T extends Tensor>(x: T): T {
  const engine = tf.engine() as unknown as {
    state: { tensorInfo: WeakMap<object, { backend: { incRef(dataId: object): void } }> };
    makeTensorFromTensorInfo(info: TensorHandle): Tensor;
  };
  engine.state.tensorInfo.get(x.dataId)!.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({
    dataId: x.dataId,
    shape: x.shape,
    dtype: x.dtype as TensorHandle['dtype'],
  }) as T;
}

/**
 * Gives `target` the values of `source` (same shape and type), as `tf.Variable.assign` does: `target` stays the same
 * object, other tensors that shared its data keep the old values. `source` stays valid and is the caller's to dispose.
 *
 * @throws Error when the shapes or types differ.
 *
 * @example
 * ```ts
 * import { replaceData, tf } from '@svo/tensor';
 * const x = tf.tensor1d([1, 2]);
 * replaceData(x, tf.tensor1d([3, 4]));
 * Array.from(x.dataSync()); // => [3, 4]
 * ```
 */
export function replaceData(target: Tensor, source: Tensor): void {
  if (target.dtype !== source.dtype || !tf.util.arraysEqual(target.shape, source.shape))
    throw new Error(
      `replaceData: source must match target ${target.dtype} [${target.shape}], got ${source.dtype} [${source.shape}]`,
    );
  const engine = tf.engine() as unknown as {
    disposeTensor(tensor: Tensor): void;
    incRef(tensor: Tensor, backend: null): void;
    state: { activeScope: object | null };
  };
  engine.disposeTensor(target);
  (target as { dataId: Tensor['dataId'] }).dataId = source.dataId;
  // Counted again outside any scope: a surrounding tidy did not make `target` and must not dispose of it.
  const { activeScope } = engine.state;
  engine.state.activeScope = null;
  engine.incRef(target, null);
  engine.state.activeScope = activeScope;
}

/**
 * Makes sure nothing else reads `tensor`'s data, so that a kernel may write over it: when a clone, a view or a saved
 * activation shares it, `tensor` gets a copy of its own and the others keep what they have.
 *
 * @example
 * ```ts
 * import { tf, unshare } from '@svo/tensor';
 * const x = tf.tensor1d([1, 2]);
 * const view = x.reshape([2, 1]);
 * unshare(x);
 * x.dataId === view.dataId; // => false
 * ```
 */
export function unshare(tensor: Tensor): void {
  const backend = tf.backend() as unknown as { refCount(dataId: object): number };
  if (backend.refCount(tensor.dataId) <= 1) return;
  tf.tidy(() => replaceData(tensor, tf.mul(tensor, 1)));
}

/** One operation as tfjs recorded it for differentiation. */
export interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  /** What the gradient needs of the forward pass: clones of the engine's own, freed by whoever walks the tape. */
  readonly saved: readonly Tensor[];
  readonly gradient?: (dys: readonly (Tensor | undefined)[]) => Readonly<Record<string, () => Tensor>>;
}

/**
 * Runs `f` and returns its value with the operations it recorded, in order. The caller frees the nodes' `saved`.
 * Undefined inside another recording, where the outer tape must see the operations.
 */
export function recordTape(
  f: () => Tensor,
): { readonly value: Tensor; readonly tape: readonly TapeNode[] } | undefined {
  const engine = tf.engine() as unknown as {
    readonly state: { gradientDepth: number; activeTape: TapeNode[] | null };
    startTape(): void;
    endTape(): void;
    tidy(name: string, run: () => Tensor): Tensor;
  };
  const { state } = engine;
  if (state.gradientDepth > 0) return undefined;
  engine.startTape();
  try {
    const value = engine.tidy('forward', f);
    return { value, tape: state.activeTape! };
  } catch (error) {
    for (const node of state.activeTape!) tf.dispose([...node.saved]);
    throw error;
  } finally {
    engine.endTape();
    state.activeTape = null;
  }
}

interface RecordingEngine {
  readonly state: { readonly gradientDepth: number; readonly activeTape: readonly { saved: Tensor[] }[] | null };
  keep(tensor: Tensor): Tensor;
}

/** Is a gradient being recorded, so that a backward pass may follow? */
export function isRecording(): boolean {
  return (tf.engine() as unknown as RecordingEngine).state.gradientDepth > 0;
}

/**
 * Gives tensors to the operation recorded last: its gradient function finds them in `saved`, and whoever walks the tape frees them.
 * What tfjs's own `save` does, without its copy.
 */
export function saveOnTape(tensors: readonly Tensor[]): void {
  const engine = tf.engine() as unknown as RecordingEngine;
  engine.state.activeTape!.at(-1)!.saved.push(...tensors.map((tensor) => engine.keep(tensor)));
}

/** Runs `f` as if no gradient were being recorded. */
export function offTape<T>(f: () => T): T {
  const { state } = tf.engine() as unknown as { readonly state: { gradientDepth: number } };
  const depth = state.gradientDepth;
  state.gradientDepth = 0;
  try {
    return f();
  } finally {
    state.gradientDepth = depth;
  }
}
