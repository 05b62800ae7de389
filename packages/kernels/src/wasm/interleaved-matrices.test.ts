/** What lies in the heap interleaved, what cannot, and when it is freed. */
import { storedMatrix, storedNumbers } from '@svo/files';
import { tf, useBackend, valueAndGrads, wasmHeap } from '@svo/tensor';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { installKernels } from '../install.ts';
import { linear } from '../operations/linear.ts';
import { stored } from '../test-support/stored-matrices.ts';
import { compileKernels } from './compile.ts';
import { type KernelEngine, startEngine } from './engine.ts';
import { interleavedMatrices } from './interleaved-matrices.ts';

let engine: KernelEngine;
const blocks = new Set<number>();
let asked = 0;

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
  const started = await startEngine({ threads: 1, compiled: await compileKernels(wasmHeap().shared, false) });
  engine = {
    ...started,
    allocate(bytes) {
      asked++;
      const block = started.allocate(bytes);
      blocks.add(block);
      return block;
    },
    free(block) {
      blocks.delete(block);
      started.free(block);
    },
  };
});

beforeEach(() => {
  asked = 0;
});

afterAll(() => engine.stop());

it('a matrix is written once, freed by release, and written again', () => {
  const matrices = interleavedMatrices(engine);
  const matrix = stored('Q8_0', [20, 64], 1);
  const first = matrices.of(matrix);
  expect(first).toBeDefined();
  expect(matrices.of({ ...matrix })).toBe(first);
  expect([asked, blocks.size]).toEqual([1, 1]);
  matrices.release();
  expect(blocks.size).toBe(0);
  expect(matrices.of(matrix)).toBeDefined();
  expect([asked, blocks.size]).toEqual([2, 1]);
  matrices.release();
});

it('other types, widths that end within a block, and the same bytes in another shape are not held', () => {
  const matrices = interleavedMatrices(engine);
  const bytes = new Uint8Array(64);
  expect(matrices.of(stored('Q6_K', [2, 256], 1))).toBeUndefined();
  expect(matrices.of(stored('Q4_0', [2, 33], 1))).toBeUndefined();
  expect(matrices.of(stored('F16', [2, 3], 1))).toBeUndefined();
  expect(matrices.of(storedMatrix(bytes, 'F16', [4, 8]))).toBeDefined();
  expect(matrices.of(storedMatrix(bytes, 'F16', [8, 4]))).toBeUndefined();
  matrices.release();
  expect(blocks.size).toBe(0);
});

it('float16 numbers that are not finite are multiplied as before, and tried once', async () => {
  const bytes = new Uint8Array(2 * 4);
  new Uint16Array(bytes.buffer).set([0x7c00, 0, 0x3c00, 0x4000]);
  const matrix = storedMatrix(bytes, 'F16', [2, 2]);
  const matrices = interleavedMatrices(engine);
  for (let i = 0; i < 2; i++) expect(matrices.of(matrix)).toBeUndefined();
  expect([asked, blocks.size]).toEqual([1, 0]);
  await installKernels({ engine: 'wasm' });
  expect(tf.tidy(() => [...linear(tf.tensor2d([[1, 1]]), matrix).dataSync()])).toEqual([Number.POSITIVE_INFINITY, 3]);
});

it('where the heap has no room there is nothing, and no error', () => {
  const full = interleavedMatrices({ ...engine, allocate: () => wasmHeap().allocate(2 ** 33) });
  expect(full.of(stored('Q8_0', [4, 32], 1))).toBeUndefined();
});

it('under a recorded gradient the product is the same, and its gradient that of the float32 weights', async () => {
  await installKernels({ engine: 'wasm' });
  const matrix = stored('Q8_0', [5, 32], 2);
  const x = tf.ones([1, 32]);
  const before = linear(x, matrix);
  const { value, gradients } = valueAndGrads(({ rows }) => tf.sum(linear(rows!, matrix)) as tf.Scalar, { rows: x });
  const after = linear(x, matrix);
  expect(await after.data()).toEqual(await before.data());
  const weights = storedNumbers(matrix);
  const due = Array.from({ length: 32 }, (_, k) => [0, 1, 2, 3, 4].reduce((sum, n) => sum + weights[n * 32 + k]!, 0));
  const found = await gradients.rows!.data();
  for (const [k, slope] of due.entries()) expect(found[k]).toBeCloseTo(slope, 4);
  tf.dispose([x, before, after, value, gradients]);
});
