/** Stored matrices on the WebGPU backend: they lie packed in its buffers. */
import type { StoredMatrix } from '@svo/files';
import type { TensorHandle, WebgpuDevice } from '@svo/tensor';
import type { PartName } from '../kernel-calls.ts';
import type { Attributes, Handles, KernelFunction } from '../registry.ts';
import { type HeadMatrix, headPasses } from './head.ts';
import { type PackedMatrix, packedMatrix, releaseMatrix } from './packed-matrix.ts';
import { gathered, times, timesTransposed } from './packed-products.ts';

type StoredPart = Extract<PartName, `SvoStored${string}`>;

/** Sizes that tests make small. */
export interface PackedSizes {
  /** Bytes of a slice at most. */
  readonly slice?: number;
  /** Logits of a block. */
  readonly logits?: number;
}

/** Every kernel declines, with nothing, a matrix that the host has to read. */
export function packedKernels(
  device: WebgpuDevice,
  { slice, logits }: PackedSizes = {},
): Record<Exclude<StoredPart, 'SvoStoredRows' | 'SvoStoredInt8Product'>, KernelFunction> {
  const { logps, gradient } = headPasses(device, logits);
  const matrixOf = (attributes: Attributes) => (attributes as unknown as { readonly matrix: StoredMatrix }).matrix;
  /** What `f` makes of the packed matrix; the tensors have numbers. */
  const packed = (
    attributes: Attributes,
    tensor: TensorHandle,
    f: (matrix: PackedMatrix, shape: Shape) => TensorHandle[],
  ) => {
    const matrix = matrixOf(attributes);
    const found = tensor.shape[0] === 0 ? undefined : packedMatrix(device, matrix, slice);
    return found ? f(found, matrix.shape) : [];
  };
  return {
    SvoStoredProduct: ({ x }: Handles, attributes) =>
      packed(attributes, x!, (matrix, [N]) => {
        const rows = x!.shape[0]!;
        const y = device.output([rows, N]);
        timesTransposed(device, matrix, [x!, y], { first: 0, rows });
        return [y];
      }),
    SvoStoredProductGradient: ({ dy }: Handles, attributes) =>
      packed(attributes, dy!, (matrix, [, K]) => {
        const rows = dy!.shape[0]!;
        const dx = device.output([rows, K]);
        times(device, matrix, [dy!, dx], { first: 0, rows });
        return [dx];
      }),
    SvoStoredEmbedding: ({ ids }: Handles, attributes) =>
      packed(attributes, ids!, (matrix, [, D]) => {
        const y = device.output([ids!.shape[0]!, D]);
        gathered(device, matrix, [ids!, y]);
        return [y];
      }),
    SvoStoredTokenLogps: ({ x, targets }: Handles, attributes) =>
      packed(attributes, x!, (matrix, shape) => logps(packedHead(device, matrix, shape), x!, targets!)),
    SvoStoredTokenLogpsGradient: ({ dy, x, targets, logSums }: Handles, attributes) =>
      packed(attributes, x!, (matrix, shape) => [
        gradient(packedHead(device, matrix, shape), { dy: dy!, x: x!, targets: targets!, logSums: logSums! }),
      ]),
    /** Copies a matrix to the device. Reading what comes back tells whether there was room. */
    SvoStoredHold: (_, attributes) =>
      packedMatrix(device, matrixOf(attributes), slice) ? [device.upload(Int32Array.of(0))] : [],
    SvoStoredRelease(_, attributes) {
      releaseMatrix(device, matrixOf(attributes));
      return [];
    },
  };
}

type Shape = StoredMatrix['shape'];

const packedHead = (device: WebgpuDevice, matrix: PackedMatrix, [vocabulary]: Shape): HeadMatrix => ({
  vocabulary,
  logitsOf: (x, logits, block) => timesTransposed(device, matrix, [x, logits], block),
  backwards: (slopes, dx, block) => times(device, matrix, [slopes, dx], block),
});
