import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { installKernels, type KernelOptions } from './install.ts';
import { distance, tensor, whole } from './test-support/backends.ts';
import { createRandom } from './test-support/random-numbers.ts';
import { stepBits } from './test-support/step-bits.ts';

describe('installKernels on wasm', () => {
  beforeAll(async () => {
    await useBackend('wasm', { threads: 2 });
  });

  it('reports what it registered', async () => {
    const report = await installKernels({ threads: 2, engine: 'wasm' });
    expect(report).toMatchObject({ backend: 'wasm', engine: 'wasm', reason: 'asked for', threads: 2, missing: [] });
    expect(report.kernels).toContain('SvoRotaryAttention');
    expect(report.kernels.every((name) => tf.getKernel(name, 'wasm') !== undefined)).toBe(true);
  });

  it('gives the same bits for 1, 2 and 5 threads, with and without paired vectors, and when repeated', async () => {
    const options: KernelOptions[] = [{ threads: 1 }, { threads: 2 }, { threads: 2, pairing: false }, { threads: 5 }];
    const bits: Int32Array[] = [];
    for (const option of options) {
      await installKernels({ engine: 'wasm', ...option });
      bits.push(stepBits(), stepBits());
    }
    for (const other of bits.slice(1)) expect(other).toEqual(bits[0]);
  });

  it('leaks no tensor and no heap over many steps', async () => {
    await installKernels({ threads: 2, engine: 'wasm' });
    stepBits();
    const before = tf.memory();
    const heap = heapBytes();
    for (let i = 0; i < (whole ? 300 : 30); i++) stepBits();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(heapBytes()).toBe(heap);
  });

  it('uses OpenBLAS when asked, or says what is missing', async () => {
    await installKernels({ threads: 2, engine: 'wasm' });
    const ours = new Float32Array(stepBits().buffer);
    let report: Awaited<ReturnType<typeof installKernels>>;
    try {
      report = await installKernels({ threads: 2, engine: 'openblas' });
    } catch (error) {
      expect(String(error)).toMatch(/no OpenBLAS library|koffi/);
      return;
    }
    expect(report.engine).toBe('openblas');
    const theirs = new Float32Array(stepBits().buffer);
    ours.forEach((value, i) => {
      expect(Math.abs(value - theirs[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    });
  });

  it('multiplies with OpenBLAS on its own threads: right for every transposition, the same bits for any number', async () => {
    const random = createRandom(5);
    const [M, N, K] = [530, 141, 97];
    const [left, right] = [random.normal(M * K), random.normal(K * N)];
    const products = async (options: KernelOptions): Promise<Float32Array[]> => {
      await installKernels(options);
      const results: Float32Array[] = [];
      for (const [tall, a, b] of [
        [M, left, right],
        [N, right, left],
      ] as const)
        for (const transposeA of [false, true])
          for (const transposeB of [false, true]) {
            const [rows, columns] = [tall, M + N - tall];
            const x = tensor(a, ...(transposeA ? [K, rows] : [rows, K]));
            const y = tensor(b, ...(transposeB ? [columns, K] : [K, columns]));
            const product = tf.matMul(x, y, transposeA, transposeB);
            results.push((await product.data()) as Float32Array);
            tf.dispose([x, y, product]);
          }
      return results;
    };
    let theirs: Float32Array[];
    try {
      theirs = await products({ threads: 2, engine: 'openblas' });
    } catch (error) {
      expect(String(error)).toMatch(/no OpenBLAS library|koffi/);
      return;
    }
    const ours = await products({ threads: 2, engine: 'wasm' });
    for (const [i, product] of ours.entries()) expect(distance(theirs[i]!, product)).toBeLessThan(1e-5);
    for (const threads of [1, 3]) expect(await products({ threads, engine: 'openblas' })).toEqual(theirs);
  });

  it('refuses options and names it does not know', async () => {
    await expect(installKernels({ thread: 2 } as KernelOptions)).rejects.toThrow(
      "installKernels: unknown option 'thread' (did you mean 'threads'?)",
    );
    await expect(installKernels({ gemm: 'wasm' } as KernelOptions)).rejects.toThrow(
      "option 'gemm' is called 'engine' now",
    );
    await expect(installKernels({ engine: 'blas' } as unknown as KernelOptions)).rejects.toThrow(
      "installKernels: engine must be 'auto', 'wasm', 'openblas' or 'onnxruntime', got 'blas'",
    );
  });

  it('refuses a thread count that is none', async () => {
    await expect(installKernels({ threads: 0 })).rejects.toThrow(
      'installKernels: threads must be a positive integer, got 0',
    );
  });
});

function heapBytes(): number {
  const backend = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  return backend.wasm.HEAPU8.buffer.byteLength;
}
