/** Faster versions of kernels tfjs already has: products, sums of equal shapes, and views that need no copy. */
import { type TensorHandle, tf } from '@svo/tensor';
import { type KernelFunction, originalKernel, size } from '../registry.ts';
import type { KernelEngine } from './engine.ts';
import { type Gemm, multiplyBatch } from './gemm.ts';

/** Names and replacements. */
export function standardKernels(engine: KernelEngine, gemm: Gemm): Record<string, KernelFunction> {
  const { heap } = engine;
  return {
    Identity: ({ x }) => heap.alias(x!, x!.shape),
    Reshape: ({ x }, { shape }) => heap.alias(x!, inferShape(x!, shape as unknown as number[])),
    BatchMatMul: ({ a, b }, { transposeA, transposeB }) =>
      matMul(engine, gemm, a!, b!, transposeA as boolean, transposeB as boolean),
    SvoAddProduct({ c, a, b }, { transposeB }) {
      const [M, N] = c!.shape as [number, number];
      const [pa, pb, pc] = [heap.pointer(a!), heap.pointer(b!), heap.pointer(c!)];
      gemm({ M, N, K: a!.shape[1]!, a: pa, b: pb, c: pc, transposeB: transposeB as boolean, accumulate: true });
      return heap.alias(c!, c!.shape);
    },
    Add: elementwise(engine, 'add', originalKernel('Add', 'wasm')),
    Multiply: elementwise(engine, 'multiply', originalKernel('Multiply', 'wasm')),
  };
}

function elementwise(engine: KernelEngine, job: 'add' | 'multiply', fallback: KernelFunction): KernelFunction {
  const { heap } = engine;
  return ({ a, b }, attributes) => {
    const equal = a!.dtype === 'float32' && b!.dtype === 'float32' && tf.util.arraysEqual(a!.shape, b!.shape);
    if (!equal) return fallback({ a: a!, b: b! }, attributes);
    const c = heap.output(a!.shape);
    const count = size(a!.shape);
    const step = 1 << 14;
    engine.run(job, Math.ceil(count / step), [count, step, heap.pointer(a!), heap.pointer(b!), heap.pointer(c)]);
    return c;
  };
}

/** The shape asked for, with a −1 filled in. */
function inferShape(x: TensorHandle, shape: number[]): number[] {
  return tf.util.inferFromImplicitShape(shape, size(x.shape));
}

function matMul(
  engine: KernelEngine,
  gemm: Gemm,
  a: TensorHandle,
  b: TensorHandle,
  transposeA: boolean,
  transposeB: boolean,
): TensorHandle {
  const { heap } = engine;
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const M = transposeA ? columns : rows;
  const K = transposeA ? rows : columns;
  const N = b.shape.at(transposeB ? -2 : -1)!;
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const [countA, countB] = [size(batchA), size(batchB)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const c = heap.output([...batch, M, N]);
  const common = { M, N, K, transposeA, transposeB };
  const [pa, pb, pc] = [heap.pointer(a), heap.pointer(b), heap.pointer(c)];
  if (countB === 1 && !transposeA) gemm({ ...common, M: M * countA, a: pa, b: pb, c: pc });
  else if (countA === 1 && countB === 1) gemm({ ...common, a: pa, b: pb, c: pc });
  else if (countA === countB || countA === 1 || countB === 1)
    multiplyBatch(
      engine,
      size(batch),
      { ...common, a: pa, b: pb, c: pc },
      countA === 1 ? 0 : M * K,
      countB === 1 ? 0 : K * N,
    );
  else broadcastBatch(engine, { ...common, a: pa, b: pb, c: pc }, batch, batchA, batchB);
  return c;
}

/** Batches that broadcast against each other, one product at a time: [2, 1, …] against [1, 3, …] and the like. */
function broadcastBatch(
  engine: KernelEngine,
  product: {
    M: number;
    N: number;
    K: number;
    a: number;
    b: number;
    c: number;
    transposeA: boolean;
    transposeB: boolean;
  },
  batch: number[],
  batchA: number[],
  batchB: number[],
): void {
  const { M, N, K, a, b, c } = product;
  for (let i = 0; i < size(batch); i++) {
    const at = unravel(i, batch);
    const [ia, ib] = [ravel(at, batchA), ravel(at, batchB)];
    multiplyBatch(engine, 1, { ...product, a: a + ia * M * K * 4, b: b + ib * K * N * 4, c: c + i * M * N * 4 }, 0, 0);
  }
}

function unravel(index: number, shape: readonly number[]): number[] {
  const position: number[] = [];
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    position.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  return position;
}

/** Index into `shape`, right-aligned under `position`; axes of size 1 repeat. */
function ravel(position: readonly number[], shape: readonly number[]): number {
  const tail = position.slice(position.length - shape.length);
  return shape.reduce((index, n, axis) => index * n + (n === 1 ? 0 : tail[axis]!), 0);
}
