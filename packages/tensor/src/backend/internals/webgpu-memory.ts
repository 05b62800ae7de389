/** What tfjs 4.22's WebGPU backend does not ask: does a buffer fit, did a command fail, is the device still there? */
import { DeviceLostError } from '../device-lost.ts';
import { OutOfMemoryError } from '../out-of-memory.ts';
import { type DataOwner, watchBackend } from './kernel-guard.ts';

/** The part of a GPUDevice used here. */
interface Device {
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  readonly lost: Promise<{ readonly reason?: string; readonly message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: GpuError }) => void): void;
}

interface GpuError {
  readonly message: string;
  readonly constructor: { readonly name: string };
}

interface Backend extends DataOwner {
  readonly bufferManager: {
    acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): object;
  };
  write(values: unknown, shape: readonly number[], dtype: string): object;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
}

/** GPUBufferUsage.STORAGE: shaders bind the whole of such a buffer. */
const storage = 0x80;

/**
 * Buffers longer than the device allows are refused before anything is made of them. A command the device refused, for want of memory
 * or because it was invalid, is dropped with a line in the log, and what it was to compute stays what its buffer held before: from then
 * on reading fails, as it does on a device that is lost.
 */
export function guardDevice(backend: object, device: object): void {
  const owner = backend as Backend;
  const { limits, lost, addEventListener } = device as Device;
  let failure: Error | undefined;
  const check = (): void => {
    if (failure !== undefined) throw failure;
  };
  addEventListener.call(device, 'uncapturederror', ({ error }) => {
    const [said] = error.message.split('\n');
    failure ??=
      error.constructor.name === 'GPUOutOfMemoryError'
        ? new OutOfMemoryError({ where: 'webgpu, whose results since cannot be trusted' }, { cause: error })
        : new Error(`webgpu: a command was invalid, so results cannot be trusted (${said})`);
  });
  void lost.then(({ reason, message }) => {
    failure = new DeviceLostError([reason, message].filter(Boolean).join(': ') || 'without a reason');
  });

  const watch = watchBackend(owner, { begin() {}, end() {}, explain: (error) => error });
  const { bufferManager } = owner;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, usage, mapped, reuse) => {
    if (failure instanceof DeviceLostError) throw failure;
    const { maxBufferSize, maxStorageBufferBindingSize } = limits;
    const limit = usage & storage ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (size > limit)
      throw new OutOfMemoryError({ where: 'webgpu', requested: size, operation: watch.operation, limit });
    return acquire(size, usage, mapped, reuse);
  };
  const write = owner.write.bind(owner);
  owner.write = (values, shape, dtype) => {
    const dataId = write(values, shape, dtype);
    watch.made(dataId);
    return dataId;
  };
  const read = owner.read.bind(owner);
  owner.read = async (dataId) => {
    try {
      return await read(dataId);
    } finally {
      // Also where reading fails by itself: the reason is here.
      check();
    }
  };
  const readSync = owner.readSync.bind(owner);
  owner.readSync = (dataId) => {
    const values = readSync(dataId);
    check();
    return values;
  };
}
