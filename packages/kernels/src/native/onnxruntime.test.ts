/** Products by ONNX Runtime: right, the same bits for any number of threads, rows by themselves, at any address. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tf, useBackend, wasmHeap } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { independentRows, installKernels } from '../install.ts';
import { linear } from '../operations/linear.ts';
import { linearTokenLogps } from '../operations/linear-token-logps.ts';
import { distance, expectSameBits, integers, tensor, values, whole } from '../test-support/backends.ts';
import { numbers } from '../test-support/random.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { onnxruntimeEngine } from './onnxruntime.ts';
import { loadOnnxRuntime } from './onnxruntime-library.ts';

const absent = await loadOnnxRuntime().then(
  () => undefined,
  (error: unknown) => String(error),
);
if (absent) console.warn(`onnxruntime-node is not to be had here, its tests are skipped: ${absent}`);

const start = (threads: number, engine: 'onnxruntime' | 'wasm' = 'onnxruntime') => installKernels({ threads, engine });

/** Sizes of a product that the library takes: rows of A, rows of B and a depth that make 2¹⁶ numbers of B at least. */
const shapes = fc
  .record({
    M: fc.integer({ min: 1, max: 330 }),
    N: fc.integer({ min: 65, max: 420 }),
    extra: fc.integer({ min: 0, max: 300 }),
  })
  .map(({ M, N, extra }) => ({ M, N, K: Math.ceil(65_536 / N) + extra }));

describe.skipIf(absent)('onnxruntime', () => {
  beforeAll(async () => {
    await useBackend('wasm', { threads: 2 });
  });

  it('is the version that is named, and says why it was taken', async () => {
    const report = await start(2);
    expect(report).toMatchObject({ engine: 'onnxruntime', reason: 'asked for; onnxruntime 1.30.0', threads: 2 });
    expect(independentRows()).toBe(1);
  });

  it('equals our product for every transposition and size, and gives the same bits for 1, 2, 3 and 5 threads', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), fc.boolean(), numbers, async ({ M, N, K }, turnA, turnB, random) => {
        const a = tensor(random.normal(M * K), ...(turnA ? [K, M] : [M, K]));
        const b = tensor(random.normal(K * N), ...(turnB ? [N, K] : [K, N]));
        const product = (): Promise<number[]> => values(tf.matMul(a, b, turnA, turnB));
        await start(2, 'wasm');
        const ours = await product();
        await start(1);
        const alone = await product();
        // Sums of K products of standard normals: rounding starts at √K.
        expect(distance(alone, ours, Math.sqrt(K))).toBeLessThan(1e-5);
        for (const threads of [2, 3, 5]) {
          await start(threads);
          expectSameBits(await product(), alone);
        }
        tf.dispose([a, b]);
      }),
      { numRuns: whole ? 15 : 8 },
    );
  });

  it('gives a row the same bits among any number of others', async () => {
    await start(2);
    await fc.assert(
      fc.asyncProperty(shapes, numbers, async ({ M, N, K }, random) => {
        const [x, w] = [random.normal(M * K), tensor(random.normal(N * K), N, K)];
        const together = await values(tf.tidy(() => linear(tensor(x, M, K), w)));
        for (const some of [1, 2, 3, 5, 8, 13, 64, 65, 128].filter((count) => count <= M)) {
          const last = await values(tf.tidy(() => linear(tensor(x.slice((M - some) * K), some, K), w)));
          expectSameBits(last, together.slice((M - some) * N));
        }
        w.dispose();
      }),
      { numRuns: whole ? 25 : 10 },
    );
  });

  it('gives the bits of our product where that has relaxed SIMD, and one row its own elsewhere', async () => {
    const { relaxedSimd } = await start(2);
    await fc.assert(
      fc.asyncProperty(shapes, numbers, async ({ M, N, K }, random) => {
        const [x, w] = [tensor(random.normal(M * K), M, K), tensor(random.normal(N * K), N, K)];
        const product = (): Promise<number[]> => values(tf.tidy(() => linear(x, w)));
        await start(2, 'wasm');
        const ours = await product();
        await start(2);
        expect((await product()).every((value, i) => value === ours[i])).toBe(relaxedSimd);
        tf.dispose([x, w]);
      }),
      { numRuns: whole ? 15 : 8 },
    );
  });

  it('adds up over blocks of the head as our product does', async () => {
    // 2²¹ / V rows a block: two of 34, and two rows.
    const [N, K, V] = [70, 24, 60_000];
    const random = createRandom(4);
    const [x, w, targets] = [random.normal(N * K), random.normal(V * K, 0.1), random.below(N, V)];
    const both = async (): Promise<number[][]> => {
      const [hidden, head] = [tensor(x, N, K), tensor(w, V, K)];
      const { value, grads } = tf.valueAndGrads((a, b) => tf.sum(linearTokenLogps(a!, b!, integers(targets))))([
        hidden,
        head,
      ]);
      const results = [await values(value), ...(await Promise.all(grads.map(values)))];
      tf.dispose([hidden, head]);
      return results;
    };
    await start(2, 'wasm');
    const ours = await both();
    await start(2);
    const theirs = await both();
    for (const [i, result] of theirs.entries()) expect(distance(result, ours[i]!)).toBeLessThan(1e-5);
  });

  it('multiplies where addresses are no signed numbers any more', async () => {
    await start(2);
    const random = createRandom(6);
    const [x, w] = [random.normal(90 * 256), random.normal(256 * 256)];
    const due = await values(tf.tidy(() => linear(tensor(x, 90, 256), tensor(w, 256, 256))));
    const blocks = Array.from({ length: 3 }, () => wasmHeap().allocate(2 ** 30));
    try {
      for (let bytes = 2 ** 26; bytes >= 2 ** 10; bytes /= 2)
        for (let at = 0; at < 3 * 2 ** 30; blocks.push(at)) at = wasmHeap().allocate(bytes);
      const y = tf.tidy(() => linear(tensor(x, 90, 256), tensor(w, 256, 256)));
      expect(wasmHeap().pointer(y as never)).toBeGreaterThan(3 * 2 ** 30);
      expect(await values(y)).toEqual(due);
    } finally {
      for (const block of blocks) wasmHeap().free(block);
    }
  });

  it('stays loaded when everything unused has been collected', async () => {
    await start(2);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 3; i++) {
      collect();
      // Finalizers run between two turns of the loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const ones = await values(tf.tidy(() => linear(tf.ones([3, 256]), tf.ones([256, 256]))));
    expect(new Set(ones)).toEqual(new Set([256]));
  });

  it('keeps sixteen sessions at most whatever the shapes, and gives back every handle', async () => {
    await start(1, 'wasm');
    const runtime = await loadOnnxRuntime();
    let [sessions, most, matrices] = [0, 0, 0];
    const counted: typeof runtime = {
      ...runtime,
      createSession(...args) {
        most = Math.max(most, ++sessions);
        return runtime.createSession(...args);
      },
      releaseSession(session) {
        sessions--;
        runtime.releaseSession(session);
      },
      createMatrix(...args) {
        matrices++;
        return runtime.createMatrix(...args);
      },
      releaseMatrix(matrix) {
        matrices--;
        runtime.releaseMatrix(matrix);
      },
    };
    // A product that computes nothing is none of the library's bits: everything is left to the library.
    const engine = onnxruntimeEngine(counted, wasmHeap(), 3, () => {});
    const bytes = 400 * 400 * 4;
    const [a, b, c] = [0, 1, 2].map(() => wasmHeap().allocate(bytes)) as [number, number, number];
    for (let M = 1; M < 400; M += 3)
      for (const kind of [0, 1, 2, 3, 4, 5, 6, 7]) {
        const flags = { transposeA: (kind & 1) > 0, transposeB: (kind & 2) > 0, accumulate: (kind & 4) > 0 };
        engine.multiply({ M, N: 180 + (M % 200), K: 400, a, b, c, ...flags });
      }
    expect(most).toBeLessThanOrEqual(16);
    expect(matrices).toBe(0);
    engine.stop();
    expect(sessions).toBe(0);
    for (const block of [a, b, c]) wasmHeap().free(block);
  });
});
