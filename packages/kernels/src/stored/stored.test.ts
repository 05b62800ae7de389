/** Products with matrices that stay as they are stored: those of the float32 matrix they stand for. */
import type { StoredMatrix } from '@svo/files';
import { type Tensor, tf, valueAndGrads } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { installKernels } from '../install.ts';
import { loadOnnxRuntime } from '../native/onnxruntime-library.ts';
import { adaptedLinear } from '../operations/adapted-linear.ts';
import { embedding } from '../operations/embedding.ts';
import { linear } from '../operations/linear.ts';
import { linearTokenLogps } from '../operations/linear-token-logps.ts';
import { distance, expectSameBits, integers, runs, settings, tensor, whole } from '../test-support/backends.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { dtypes, floats, stored } from '../test-support/stored-matrices.ts';

const dataOf = async (tensors: Record<string, Tensor>): Promise<Record<string, ArrayLike<number>>> =>
  Object.fromEntries(await Promise.all(Object.entries(tensors).map(async ([name, one]) => [name, await one.data()])));

/** Value and gradients of everything that takes a stored matrix; the weights themselves get none. */
async function results(
  weight: StoredMatrix | Tensor,
  rows: number,
  seed: number,
): Promise<Record<string, ArrayLike<number>>> {
  const [M, K] = weight.shape as [number, number];
  const random = createRandom(seed);
  const given = {
    x: tensor(random.normal(rows * K), rows, K),
    bias: tensor(random.normal(M), M),
    down: tensor(random.normal(2 * K), 2, K),
    up: tensor(random.normal(2 * M), M, 2),
  };
  const [dy, dLogps] = [tensor(random.normal(rows * M), rows, M), tensor(random.normal(rows), rows)];
  const targets = integers(Array.from({ length: rows }, (_, i) => (i * 7 + 3) % M));
  const found: Record<string, Tensor> = {};
  const { value, gradients } = valueAndGrads(({ x, bias, down, up }) => {
    const plain = linear(x, weight, bias);
    const adapted = adaptedLinear(x, { weight, bias, down, up, scale: 0.5 });
    const logps = linearTokenLogps(x, weight, targets);
    for (const [name, one] of Object.entries({ plain, adapted, logps })) found[name] = tf.keep(tf.clone(one));
    const product = tf.sum(tf.mul(tf.add(plain, tf.square(adapted)), dy));
    return tf.add(product, tf.sum(tf.mul(logps, dLogps))) as tf.Scalar;
  }, given);
  found.looked = embedding(weight, targets);
  const read = await dataOf({ ...found, ...gradients });
  tf.dispose([given, found, value, gradients, dy, dLogps, targets]);
  return read;
}

/** Value and gradient of the head alone. */
async function headResults(weight: StoredMatrix | Tensor, rows: number): Promise<Record<string, ArrayLike<number>>> {
  const [M, K] = weight.shape as [number, number];
  const random = createRandom(2);
  const given = { x: tensor(random.normal(rows * K), rows, K) };
  const dLogps = tensor(random.normal(rows), rows);
  const targets = integers([0, 4095, 4096, M - 1, 7].slice(0, rows));
  const { value, gradients } = valueAndGrads(
    ({ x }) => tf.sum(tf.mul(linearTokenLogps(x, weight, targets), dLogps)) as tf.Scalar,
    given,
  );
  const read = await dataOf({ value, ...gradients });
  tf.dispose([given, dLogps, targets, value, gradients]);
  return read;
}

/** 100 columns end within a block. */
const shape = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 100 }));

describe.each(settings)('$name', ({ name, start }) => {
  beforeAll(start);

  it('stored matrices give what their float32 numbers give, and leak nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...(name.startsWith('webgpu') ? (['Q6_K'] as const) : dtypes)),
        shape,
        fc.integer({ min: 1, max: 70 }),
        fc.nat(1000),
        async (dtype, sizes, rows, seed) => {
          const matrix = stored(dtype, sizes, seed);
          const before = tf.memory().numTensors;
          const mine = await results(matrix, rows, seed + 1);
          expect(tf.memory().numTensors).toBe(before);
          const weight = floats(matrix);
          const theirs = await results(weight, rows, seed + 1);
          weight.dispose();
          for (const key of Object.keys(theirs)) expect(distance(mine[key]!, theirs[key]!), key).toBeLessThan(1e-5);
        },
      ),
      { numRuns: runs(name, name.startsWith('webgpu') ? 4 : 12) },
    );
  });

  it('a head of two panels of tokens', async () => {
    // A panel has 4,096 tokens. What shaders read themselves, webgpu/packed.test.ts tries.
    const matrix = stored(name.startsWith('webgpu') ? 'Q6_K' : 'BF16', [4099, 3], 1);
    const mine = await headResults(matrix, 5);
    const weight = floats(matrix);
    const theirs = await headResults(weight, 5);
    weight.dispose();
    for (const key of Object.keys(theirs)) expect(distance(mine[key]!, theirs[key]!), key).toBeLessThan(1e-5);
  });

  it('ids and shapes are checked', () => {
    const matrix = stored('Q8_0', [4, 32], 1);
    const x = tf.zeros([2, 31]);
    expect(() => linear(x, matrix)).toThrow('linear: weight must have shape [·, 31], got [4, 32]');
    if (!name.startsWith('webgpu')) {
      const ids = integers([0, 4]);
      expect(() => embedding(matrix, ids)).toThrow('embedding: ids[1] must lie in 0 … 3, got 4');
      ids.dispose();
    }
    x.dispose();
  });
});

const absent = await loadOnnxRuntime().then(
  () => undefined,
  (error: unknown) => String(error),
);

/** Products of the same engine over the same numbers: the same bits, whichever way a row was read. */
describe.each(['wasm', 'onnxruntime'] as const)('engine %s', (engine) => {
  beforeAll(async () => {
    await (await import('@svo/tensor')).useBackend('wasm', { threads: 2 });
  });

  it.skipIf(engine === 'onnxruntime' && absent).each(dtypes)(
    '%s: linear to the bit, for any rows and threads',
    async (dtype) => {
      for (const [N, K] of [
        [300, 256],
        [7, 512],
      ] as const) {
        const matrix = stored(dtype, [N, K], 3);
        for (const threads of whole ? [1, 2, 3] : [1, 3]) {
          await installKernels({ engine, threads });
          const weight = floats(matrix);
          const random = createRandom(4);
          for (const rows of whole ? [1, 2, 5, 8, 9, 40, 64, 65, 130] : [1, 8, 9, 64, 65]) {
            const x = tensor(random.normal(rows * K), rows, K);
            const [mine, theirs] = [linear(x, matrix), linear(x, weight)];
            expectSameBits(await mine.data(), await theirs.data(), `${rows} rows`);
            tf.dispose([x, mine, theirs]);
          }
          weight.dispose();
        }
      }
    },
  );
});
