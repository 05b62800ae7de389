/** Kernels tfjs 4.22's wasm backend lacks and the gradients of ordinary operations need. */
import { tf } from '../../tf.ts';
import type { TensorHandle } from './handle.ts';

interface HeapBackend {
  makeOutput(shape: number[], dtype: string): TensorHandle;
  typedArrayFromHeap(tensor: TensorHandle): Float32Array | Int32Array;
}

/** Registers what is missing; calling it twice changes nothing. */
export function registerMissingWasmKernels(): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) return;
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) => {
      const { x, segmentIds } = inputs as unknown as { x: TensorHandle; segmentIds: TensorHandle };
      const { numSegments } = attrs as unknown as { numSegments: number };
      return unsortedSegmentSum(backend as HeapBackend, x, segmentIds, numSegments) as unknown as tf.TensorInfo;
    },
  });
}

/** out[s, …] = Σ over i with segmentIds[i] = s of x[i, …]; a negative id counts for nothing. */
function unsortedSegmentSum(
  backend: HeapBackend,
  x: TensorHandle,
  segmentIds: TensorHandle,
  segments: number,
): TensorHandle {
  const inner = x.shape.slice(segmentIds.shape.length);
  const width = inner.reduce((a, b) => a * b, 1);
  const output = backend.makeOutput([segments, ...inner], x.dtype);
  const [from, ids, to] = [x, segmentIds, output].map((t) => backend.typedArrayFromHeap(t)) as [
    Float32Array,
    Int32Array,
    Float32Array,
  ];
  to.fill(0);
  ids.forEach((segment, i) => {
    if (segment < 0) return;
    for (let j = 0; j < width; j++) to[segment * width + j]! += from[i * width + j]!;
  });
  return output;
}
