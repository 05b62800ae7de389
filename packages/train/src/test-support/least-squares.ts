/** A least-squares problem: enough to see every promise of a loop, small enough for every backend. */
import { type Tensor, tf } from '@svo/tensor';
import type { Params } from '../types.ts';

const features = 3;

/** A batch of rows on the host, with ids and a cursor as `batches` of `@svo/data` gives them. Equal seeds, equal batches. */
export interface Rows {
  readonly rows: readonly number[];
  readonly cursor: { readonly next: number };
  readonly x: { readonly data: Float32Array; readonly shape: readonly number[] };
  readonly y: { readonly data: Float32Array; readonly shape: readonly number[] };
}

export function rowsBatch(seed: number, count: number): Rows {
  const noise = (i: number): number => Math.fround(Math.sin(seed * 97.31 + i * 12.9898) * 2);
  return {
    rows: Array.from({ length: count }, (_, i) => 10 * seed + i),
    cursor: { next: seed + 1 },
    x: { data: Float32Array.from({ length: count * features }, (_, i) => noise(i)), shape: [count, features] },
    y: { data: Float32Array.from({ length: count }, (_, i) => noise(i + 1000)), shape: [count, 1] },
  };
}

/** The rows from `from` to `to` as a batch of their own. */
export function slice(batch: Rows, from: number, to: number): Rows {
  return {
    ...batch,
    rows: batch.rows.slice(from, to),
    x: { data: batch.x.data.slice(from * features, to * features), shape: [to - from, features] },
    y: { data: batch.y.data.slice(from, to), shape: [to - from, 1] },
  };
}

/** Σ (x·w + b − y)². */
export function squaredErrors(params: Params, { x, y }: { readonly x: Tensor; readonly y: Tensor }): Tensor {
  return tf.sum(tf.square(tf.sub(tf.add(tf.matMul(x as tf.Tensor2D, params.w as tf.Tensor2D), params.b!), y)));
}

export const startWeights = (): Params => ({ w: tf.tensor2d([0.5, -0.25, 1], [features, 1]), b: tf.tensor1d([0.1]) });

/** Every bit of a record of tensors, for exact comparison. */
export async function bitsOf(params: Params): Promise<Record<string, readonly number[]>> {
  const entries = Object.entries(params).map(async ([name, tensor]) => {
    const values = (await tensor.data()) as Float32Array;
    return [name, [...new Uint32Array(values.slice().buffer)]] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Plain numbers of a record of tensors. */
export async function valuesOf(params: Params): Promise<Record<string, number[]>> {
  const entries = Object.entries(params).map(
    async ([name, tensor]) => [name, [...(await tensor.data())]] as [string, number[]],
  );
  return Object.fromEntries(await Promise.all(entries));
}
