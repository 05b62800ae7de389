/** What tfjs 4.22's WebGPU backend does not ask: does a buffer fit, did a command fail, is the device still there? */
import { DeviceLostError } from '../device-lost.ts';
import { type MemoryRequest, OutOfMemoryError } from '../out-of-memory.ts';
import { type DataOwner, watchBackend } from './kernel-guard.ts';
import { historyOf } from './webgpu-history.ts';

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
    releaseBuffer(buffer: object, reuse?: boolean): void;
    readonly freeBuffers: ReadonlyMap<string, { readonly size: number; destroy(): void }[]>;
    numFreeBuffers: number;
    numBytesAllocated: number;
  };
  uploadToGPU(dataId: object): void;
  write(values: unknown, shape: readonly number[], dtype: string): object;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
}

/** GPUBufferUsage.STORAGE: shaders bind the whole of such a buffer. */
const storage = 0x80;

/** Of data that was computed when memory had run out. */
const lostData = (): OutOfMemoryError =>
  new OutOfMemoryError({ where: 'webgpu, for a tensor that was computed when memory had run out' });

/** A buffer that the host is to write to is refused at once, where there is no room for it. */
const madeOr = (make: () => object, request: MemoryRequest): object => {
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? new OutOfMemoryError(request, { cause: error }) : error;
  }
};

/**
 * Buffers longer than the device allows are refused before anything is made of them. A driver that has no room says so later, and drops
 * the commands that were to use the buffer: reading then fails once, and what was written since the last reading is lost, it can be
 * neither read nor used. All other tensors are as they were, and once some are disposed of, work goes on. After a command that was
 * invalid in itself no reading succeeds, as on a device that is lost.
 */
export function guardDevice(backend: object, device: object): void {
  const owner = backend as Backend;
  const { limits, lost, addEventListener } = device as Device;
  const history = historyOf(backend);
  let failure: Error | undefined;
  let ranOut = false;
  addEventListener.call(device, 'uncapturederror', ({ error }) => {
    const [said] = error.message.split('\n');
    ranOut ||= error.constructor.name === 'GPUOutOfMemoryError';
    // What was to use the buffer that could not be had is invalid as well.
    const consequence = ranOut && error.message.includes('due to a previous error');
    failure ??=
      error.constructor.name === 'GPUOutOfMemoryError' || consequence
        ? new OutOfMemoryError({ where: 'webgpu' }, { cause: error })
        : new Error(`webgpu: a command was invalid, so results cannot be trusted (${said})`);
  });
  void lost.then(({ reason, message }) => {
    failure = new DeviceLostError([reason, message].filter(Boolean).join(': ') || 'without a reason');
  });

  const watch = watchBackend(owner, { begin() {}, end() {}, explain: (error) => error });
  const { bufferManager } = owner;
  /** What tensors gave back is kept for the next ones of their size, and would be no room for others. */
  const giveBack = (): void => {
    for (const buffers of bufferManager.freeBuffers.values())
      for (const buffer of buffers.splice(0)) {
        bufferManager.numBytesAllocated -= buffer.size;
        bufferManager.numFreeBuffers--;
        buffer.destroy();
      }
  };
  const check = (): void => {
    const now = failure;
    if (now === undefined) return;
    if (now instanceof OutOfMemoryError) {
      failure = undefined;
      history.lose();
      giveBack();
    }
    throw now;
  };
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, usage, mapped, reuse) => {
    if (failure instanceof DeviceLostError) throw failure;
    const { maxBufferSize, maxStorageBufferBindingSize } = limits;
    const limit = usage & storage ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (size > limit)
      throw new OutOfMemoryError({ where: 'webgpu', requested: size, operation: watch.operation, limit });
    const buffer = madeOr(() => acquire(size, usage, mapped, reuse), {
      where: 'webgpu',
      requested: size,
      operation: watch.operation,
    });
    history.wrote(buffer);
    return buffer;
  };
  const release = bufferManager.releaseBuffer.bind(bufferManager);
  bufferManager.releaseBuffer = (buffer, reuse) => release(buffer, reuse !== false && !history.isLost(buffer));
  const uploadToGPU = owner.uploadToGPU.bind(owner);
  owner.uploadToGPU = (dataId) => {
    if (history.isLost(dataId)) throw lostData();
    uploadToGPU(dataId);
    if (!history.wasWritten(dataId)) history.wrote(dataId);
  };
  const write = owner.write.bind(owner);
  owner.write = (values, shape, dtype) => {
    const dataId = write(values, shape, dtype);
    watch.made(dataId);
    return dataId;
  };
  const read = owner.read.bind(owner);
  owner.read = async (dataId) => {
    if (history.isLost(dataId)) throw lostData();
    const begun = history.now();
    let values: unknown;
    try {
      values = await read(dataId);
    } finally {
      // Also where reading fails by itself: the reason is here.
      check();
    }
    // Another reading may have heard of it first.
    if (history.isLost(dataId)) throw lostData();
    history.sound(begun);
    return values;
  };
  const readSync = owner.readSync.bind(owner);
  owner.readSync = (dataId) => {
    if (history.isLost(dataId)) throw lostData();
    const values = readSync(dataId);
    check();
    return values;
  };
}
