import { fromHandle, peek, type TensorHandle, wasmHeap } from '../../backend/internals.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Machine } from './machine.ts';
import { sharedCopy } from './shared-copy.ts';

/** How numbers come into the machine's memory and leave it, with the backend that is active. */
export interface Exchange {
  /** Writes a tensor's numbers to an address of the machine, as float32. */
  bring(tensor: Tensor, address: number): void;
  /** A new tensor of what lies at an address. */
  take(address: number, shape: readonly number[]): Tensor;
}

/** For memory reserved beforehand: the machine must not grow in between. */
export function exchange(machine: Machine): Exchange {
  const { buffer } = machine.memory;
  const wasm = tf.getBackend() === 'wasm';
  const plain: Exchange = {
    bring: (tensor, address) => new Float32Array(buffer, address, tensor.size).set(peek(tensor)),
    take(address, shape) {
      const numbers = new Float32Array(buffer, address, tf.util.sizeFromShape([...shape]));
      // The wasm backend copies what it is given; the others keep the array, which the next formula would overwrite.
      return tf.tensor(wasm ? numbers : numbers.slice(), [...shape], 'float32');
    },
  };
  const heap = wasm ? wasmHeap() : undefined;
  const copy = heap?.shared ? sharedCopy(heap.memory, machine.memory) : undefined;
  if (heap === undefined || copy === undefined) return plain;
  return {
    bring(tensor, address) {
      if (tensor.dtype !== 'float32') plain.bring(tensor, address);
      else copy.read(address, heap.pointer(tensor as unknown as TensorHandle), tensor.size * 4);
    },
    take(address, shape) {
      const handle = heap.output(shape);
      copy.write(heap.pointer(handle), address, tf.util.sizeFromShape([...shape]) * 4);
      return fromHandle(handle);
    },
  };
}
