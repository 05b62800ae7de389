/**
 * Memory of tfjs 4.22's wasm backend, every allocation checked. Three things are wrong at the end of its 4 GiB:
 *
 * - the backend takes whatever `malloc` returns for an address; a refusal is 0, and the tensor is written over the heap's own tables;
 * - C++ code that gets no memory inside an operation warns at most, and the result holds what its memory held before;
 * - the allocator (emmalloc) asks whether `start + size` lies within a free region, and past 2³² that sum is small again: it hands out
 *   regions that are too short. It keeps their true length, so giving one back does no harm.
 *
 * Tensors and workspaces are therefore checked one by one. What C++ asks for is known by its `errno`, which a failed `malloc` sets
 * whoever called it; and the heap ends `spare` bytes early, so that no sum of a free region's start and less than `spare` passes 2³².
 */
import { tf } from '../../tf.ts';
import { asOutOfMemory, OutOfMemoryError } from '../out-of-memory.ts';
import type { TensorHandle } from './handle.ts';
import { type DataOwner, watchBackend } from './kernel-guard.ts';
import { registerMissingWasmKernels } from './missing-kernels.ts';

/** The part of `WebAssembly.Memory` used here (its type lives in the DOM library, which this project leaves out). */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

interface GrowingMemory extends WasmMemory {
  /** Adds pages of 64 KiB; throws a RangeError when there are none. */
  grow(pages: number): number;
}

type Native = (...values: number[]) => number;

export interface WasmModule {
  readonly wasmMemory?: GrowingMemory;
  readonly asm: { readonly memory: GrowingMemory };
  readonly tfjs: { getThreadsCount(): number };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  ___errno_location(): number;
  cwrap(name: string, result: string | null, types: readonly string[]): Native;
}

export interface WasmBackend extends DataOwner {
  readonly wasm: WasmModule;
  readonly dataIdMap: {
    get(dataId: object): { memoryOffset: number; refCount: number };
    has(dataId: object): boolean;
  };
  move(dataId: object, values: unknown, shape: readonly number[], dtype: string, refCount: number): void;
  makeOutput(shape: readonly number[], dtype: string, memoryOffset?: number, values?: unknown): TensorHandle;
  typedArrayFromHeap(tensor: TensorHandle): Float32Array | Int32Array | Uint8Array;
  incRef(dataId: object): void;
  readSync(dataId: object, start?: number, end?: number): unknown;
}

const spare = 2 ** 27;
/** Where the heap ends: tfjs's build would let it grow to 4 GiB less one page. */
const heapEnd = 2 ** 32 - spare;
/** ENOMEM in Emscripten's C library. */
const noMemory = 48;

/**
 * Has tfjs make its wasm backend with every allocation checked, and its kernels complete. To be called once its package is loaded and
 * before the backend is started; again, it does nothing.
 */
export function registerGuardedWasm(): void {
  if (registered) return;
  registered = true;
  registerMissingWasmKernels();
  const running = runningBackend('wasm') as WasmBackend | undefined;
  if (running !== undefined) {
    guardMemory(running);
    return;
  }
  const make = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend(
    'wasm',
    async () => {
      const backend = await make();
      guardMemory(backend as unknown as WasmBackend);
      return backend;
    },
    2,
  );
}

let registered = false;

/** The backend of this name, if it has been started; tfjs's own `findBackend` starts it. */
export function runningBackend(name: string): object | undefined {
  return (tf.engine() as unknown as { readonly registry: Record<string, object> }).registry[name];
}

/** Replaces the functions through which memory is asked for on one backend. */
function guardMemory(backend: WasmBackend): void {
  const { wasm } = backend;
  const memory = wasm.wasmMemory ?? wasm.asm.memory;
  endEarly(memory);
  // The glue's exports replace themselves at their first call: after it they are what stays.
  wasm._free(wasm._malloc(1));
  const { _malloc: malloc, _free: free } = wasm;
  const errno = errnoOf(wasm, memory);
  const sizes = new Map<number, number>();
  let inUse = 0;
  let asking: { readonly shape: readonly number[]; readonly dtype: string } | undefined;
  const refusal = (requested?: number, cause?: unknown): OutOfMemoryError => {
    errno.clear();
    const request = { where: 'wasm', requested, tensor: asking, operation: watch.operation, inUse, limit: heapEnd };
    return new OutOfMemoryError(request, { cause });
  };
  const explain = (error: unknown): unknown =>
    errno.isNoMemory() && !(error instanceof OutOfMemoryError) ? refusal(undefined, error) : error;
  const watch = watchBackend(backend, {
    begin: errno.clear,
    end() {
      if (errno.isNoMemory()) throw refusal();
    },
    explain,
  });

  /** The address of a block of this size, or 0. */
  const wholeBlock = (bytes: number): number => {
    if (!(bytes >= 0)) throw new RangeError(`wasm: ${bytes} bytes are no size (a shape has an undefined side)`);
    // A longer number would lose its upper bits on the way, and be granted.
    if (bytes > heapEnd) return 0;
    const tooShort: number[] = [];
    try {
      for (;;) {
        const pointer = malloc(bytes) >>> 0;
        if (pointer + bytes <= memory.buffer.byteLength) return pointer;
        tooShort.push(pointer);
      }
    } finally {
      for (const pointer of tooShort) free(pointer);
    }
  };

  wasm._malloc = (bytes) => {
    const pointer = wholeBlock(bytes);
    if (pointer === 0) throw refusal(bytes);
    sizes.set(pointer, bytes);
    inUse += bytes;
    return pointer;
  };
  wasm._free = (pointer) => {
    inUse -= sizes.get(pointer >>> 0) ?? 0;
    sizes.delete(pointer >>> 0);
    free(pointer);
  };

  const move = backend.move.bind(backend);
  backend.move = (dataId, values, shape, dtype, refCount) => {
    asking = { shape, dtype };
    try {
      move(dataId, values, shape, dtype, refCount);
      watch.made(dataId);
    } catch (error) {
      if (backend.dataIdMap.has(dataId)) backend.disposeData(dataId, true);
      // tfjs's list of tensors grows in C++, which aborts where it cannot.
      throw explain(error);
    } finally {
      asking = undefined;
    }
  };
  const makeOutput = backend.makeOutput.bind(backend);
  backend.makeOutput = (shape, dtype, memoryOffset, values) => {
    // C++ hands its addresses over as signed numbers.
    const address = typeof memoryOffset === 'number' ? memoryOffset >>> 0 : undefined;
    const output = makeOutput(shape, dtype, address, values);
    watch.made(output.dataId);
    return output;
  };
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId, start, end) => {
    try {
      return readSync(dataId, start, end);
    } catch (error) {
      throw asOutOfMemory(error, 'wasm: a copy in JavaScript');
    }
  };
  roomForCopies(memory, (bytes) => {
    throw refusal(bytes);
  });
  const cwrap = wasm.cwrap.bind(wasm);
  wasm.cwrap = (name, result, types) => {
    const run = cwrap(name, result, types);
    return name.startsWith('NonMaxSuppression') ? withRoom(wasm, run) : run;
  };
}

/** tfjs's operations that copy an input into another layout, by XNNPACK, in memory of their own. */
const packing = [
  'BatchMatMul',
  '_FusedMatMul',
  'Conv2D',
  'FusedConv2D',
  'DepthwiseConv2dNative',
  'FusedDepthwiseConv2D',
];

/**
 * A copy longer than `spare` is made only where the heap can still grow by it: the allocator would be asked for it in C++, where a
 * region that is too short goes unseen.
 */
function roomForCopies(memory: WasmMemory, refuse: (bytes: number) => never): void {
  for (const name of packing) {
    const config = tf.getKernel(name, 'wasm');
    if (config === undefined) continue;
    const run = config.kernelFunc;
    config.kernelFunc = (call) => {
      const sizes = Object.values(call.inputs).map((input) => tf.util.sizeFromShape(input?.shape ?? []));
      const copy = Math.max(...sizes) * 4 * 1.25;
      if (copy > spare && memory.buffer.byteLength + copy > heapEnd) refuse(copy);
      return run(call);
    };
  }
}

/**
 * The one family of tfjs's operations whose C++ does not look whether it got the memory for its results. The third argument is the
 * most boxes it may return: room for them, and for its list of candidates, is asked for first.
 */
function withRoom(wasm: WasmModule, run: Native): Native {
  return (...values) => {
    wasm._free(wasm._malloc(64 * (values[2] ?? 0) + 2 ** 24));
    return run(...values) >>> 0;
  };
}

/** Emscripten's glue grows the memory through this object, and takes a RangeError for a refusal. */
function endEarly(memory: GrowingMemory): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * 2 ** 16 > heapEnd) throw new RangeError('the heap ends here');
    return grow(pages);
  };
}

/** The C library's `errno` on this thread. */
function errnoOf(wasm: WasmModule, memory: WasmMemory): { clear(): void; isNoMemory(): boolean } {
  const address = wasm.___errno_location() >>> 0;
  let word = new Int32Array(memory.buffer, address, 1);
  const fresh = (): Int32Array => {
    // Memory that is not shared is replaced when it grows.
    if (word.length === 0) word = new Int32Array(memory.buffer, address, 1);
    return word;
  };
  return {
    clear() {
      fresh()[0] = 0;
    },
    isNoMemory: () => fresh()[0] === noMemory,
  };
}
