/** Tensors and the data behind them: shared, replaced, read where it lies. */
import { type Tensor, tf } from '../../tf.ts';
import type { TensorHandle } from './handle.ts';
import type { WasmBackend } from './wasm-memory.ts';

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

/** The same values without a gradient, `stopGradient` of the public side: a second tensor over the same data, made outside the tape. */
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
 * const view = tf.reshape(x, [2, 1]);
 * unshare(x);
 * x.dataId === view.dataId; // => false
 * ```
 */
export function unshare(tensor: Tensor): void {
  const backend = tf.backend() as unknown as { refCount(dataId: object): number };
  if (backend.refCount(tensor.dataId) <= 1) return;
  tf.tidy(() => replaceData(tensor, tf.mul(tensor, 1)));
}
