import type { StoredMatrix } from '@svo/files';

/** The stored types that our kernels read, by the numbers of `assembly/unpack.ts`; the host reads the others. */
export interface StoredKind {
  readonly number: number;
  /** Numbers of a block; 1 where there are none. */
  readonly block: number;
  /** A block's scale, and its least value where it has one. */
  readonly scales: number;
  /** Bytes of a block's quants, or of one number. */
  readonly bytes: number;
}

/** By the type's name. */
export const storedKinds: Readonly<Record<string, StoredKind>> = {
  BF16: { number: 1, block: 1, scales: 0, bytes: 2 },
  F16: { number: 2, block: 1, scales: 0, bytes: 2 },
  Q8_0: { number: 3, block: 32, scales: 1, bytes: 32 },
  Q4_0: { number: 4, block: 32, scales: 1, bytes: 16 },
  Q4_1: { number: 5, block: 32, scales: 2, bytes: 16 },
};

/** Weight rows that lie interleaved: the lanes of four vectors. */
export const groupRows = 16;

/** Bytes of sixteen rows of K numbers, interleaved, scales being float32; nothing where K is no whole number of words or blocks. */
export function groupBytes({ block, scales, bytes }: StoredKind, K: number): number | undefined {
  const blocks = K / Math.max(2, block);
  if (!Number.isInteger(blocks)) return undefined;
  return groupRows * blocks * (block === 1 ? 4 : 4 * scales + bytes);
}

/**
 * Bytes that a stored matrix takes a second time in the wasm heap while tokens are generated from it: interleaved, for products of few rows.
 * 0 for a type or a width whose products are made piece by piece instead. All matrices together take `workingSizes.interleaved` at most.
 *
 * @example
 * ```ts
 * import { interleavedBytes } from '@svo/kernels';
 * [interleavedBytes('Q8_0', [16, 64]), interleavedBytes('BF16', [17, 64]), interleavedBytes('Q6_K', [16, 256])]; // => [1152, 4096, 0]
 * ```
 */
export function interleavedBytes(dtype: string, [rows, columns]: readonly [number, number]): number {
  const kind = storedKinds[dtype];
  return kind === undefined ? 0 : Math.ceil(rows / groupRows) * (groupBytes(kind, columns) ?? 0);
}

/** Are its numbers blocks of 32 quants, which rows rounded to int8 are multiplied with as integers? */
export const takesInt8 = ({ dtype, shape }: StoredMatrix): boolean =>
  storedKinds[dtype]?.block === 32 && interleavedBytes(dtype, shape) > 0;
