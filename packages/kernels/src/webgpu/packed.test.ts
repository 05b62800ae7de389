/** Stored matrices in a GPU's buffers: the numbers of the float32 matrix they stand for, and its products. */
import { storedMatrix, storedNumbers } from '@svo/files';
import { tf, useBackend, webgpuDevice } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installKernels } from '../install.ts';
import { runStored } from '../kernel-calls.ts';
import { embedding } from '../operations/embedding.ts';
import { linear } from '../operations/linear.ts';
import { linearTokenLogps } from '../operations/linear-token-logps.ts';
import { register } from '../registry.ts';
import { holdStored } from '../stored/hold.ts';
import {
  distance,
  expectOperation,
  expectSameBits,
  hasBackend,
  integers,
  tensor,
  values,
  whole,
} from '../test-support/backends.ts';
import { createRandom } from '../test-support/random-numbers.ts';
import { linearReference, targetLogpsReference } from '../test-support/reference.ts';
import { type Dtype, stored } from '../test-support/stored-matrices.ts';
import { packedKernels } from './packed-kernels.ts';
import { packedMatrix } from './packed-matrix.ts';

/**
 * One shape a type, none that tiles or blocks divide; BF16 is read as it lies where a row has whole fours. Compiling shaders is dear: a
 * type's rows and its products are read by the same function, so that `npm test` tries the products of one (and of a Q8_0 head where models are trained).
 */
const cases: readonly (readonly [Dtype, readonly [number, number]])[] = [
  ['F32', [5, 6]],
  ['F16', [70, 45]],
  ['BF16', [70, 44]],
  ['Q8_0', [67, 100]],
  ['Q4_0', [67, 70]],
  ['Q4_1', [66, 50]],
];
const N = 3;
const multiplied: readonly Dtype[] = whole ? cases.map(([dtype]) => dtype) : ['Q4_0'];

describe.skipIf(!hasBackend('webgpu'))('stored matrices on webgpu', () => {
  beforeAll(async () => {
    await useBackend('webgpu');
    await installKernels();
    webgpuDevice().onError((message) => {
      throw new Error(message);
    });
  });

  it.each(cases)('%s: its numbers, to the bit', async (dtype, [M, K]) => {
    const matrix = stored(dtype, [M, K], 3);
    const numbers = storedNumbers(matrix);
    const ids = integers(Array.from({ length: M }, (_, i) => M - 1 - i));
    const looked = await values(embedding(matrix, ids));
    ids.dispose();
    const reversed = Array.from({ length: M }, (_, i) => [...numbers.subarray((M - 1 - i) * K, (M - i) * K)]).flat();
    expectSameBits(looked, reversed, dtype);
  });

  it.each(cases.filter(([dtype]) => multiplied.includes(dtype)))(
    '%s: product and gradient within 1e-5',
    async (dtype, [M, K]) => {
      const matrix = stored(dtype, [M, K], 3);
      const random = createRandom(4);
      const [x, bias, dy] = [random.normal(N * K), random.normal(M), random.normal(N * M)];
      const due = linearReference(x, [...storedNumbers(matrix)], bias, dy, [N, K, M]);
      await expectOperation(
        (rows, b) => linear(rows!, matrix, b),
        () => [tensor(x, N, K), tensor(bias, M)],
        dy,
        { value: due.value, gradients: [due.gradients[0]!, due.gradients[2]!] },
      );
    },
  );

  it('ids outside the table give zeros', async () => {
    const ids = integers([-1, 2, 70]);
    const looked = await values(embedding(stored('BF16', [70, 44], 3), ids));
    ids.dispose();
    expect([looked.slice(0, 44), looked.slice(88)].flat().every((value) => value === 0)).toBe(true);
  });

  it('is held before it is used, given back, and copied anew', async () => {
    const matrix = stored('Q8_0', [67, 100], 5);
    const inUse = (): number => (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
    const product = (): Promise<number[]> =>
      values(tf.tidy(() => linear(tensor(createRandom(1).normal(100), 1, 100), matrix)));
    // The rest of earlier commands is freed by reading.
    await values(tf.tidy(() => tf.square(tensor([1], 1))));
    const before = inUse();
    await holdStored([matrix]);
    expect(inUse() - before).toBeGreaterThanOrEqual(matrix.bytes.length);
    const first = await product();
    runStored('SvoStoredRelease', {}, matrix);
    await values(tf.tidy(() => tf.square(tensor([1], 1))));
    expect(inUse()).toBeLessThan(before + matrix.bytes.length);
    expect(await product()).toEqual(first);
  });
});

describe.skipIf(!hasBackend('webgpu'))('a matrix in slices', () => {
  const slice = 4000;
  beforeAll(async () => {
    await useBackend('webgpu');
    await installKernels();
    // 200 logits at once: one row of 150 tokens.
    const kernels = packedKernels(webgpuDevice(), { slice, logits: 200 });
    for (const [name, run] of Object.entries(kernels)) register(name, 'webgpu', run);
  });
  afterAll(async () => {
    await installKernels();
  });

  it('of 49 rows: rows, product, log-probs and their gradients', async () => {
    const [V, K] = [150, 37];
    const matrix = stored('BF16', [V, K], 6);
    const numbers = [...storedNumbers(matrix)];
    const random = createRandom(7);
    const [x, toV, toN] = [random.normal(N * K), random.normal(N * V), random.normal(N)];
    const ids = [0, 48, 49, 98, 147, 149];
    const looked = tf.tidy(() => embedding(matrix, integers(ids)));
    expectSameBits(
      await values(looked),
      ids.flatMap((id) => numbers.slice(id * K, (id + 1) * K)),
    );
    expect(packedMatrix(webgpuDevice(), matrix, slice)!.slices.map(({ rows }) => rows)).toEqual([49, 49, 49, 3]);
    const zeros = new Array<number>(V).fill(0);
    const due = linearReference(x, numbers, zeros, toV, [N, K, V]);
    const rows = (): [ReturnType<typeof tensor>] => [tensor(x, N, K)];
    await expectOperation((one) => linear(one!, matrix), rows, toV, { ...due, gradients: [due.gradients[0]!] });
    const targets = [0, 100, 149];
    const logps = targetLogpsReference(due.value, targets, toN, [N, V]);
    const { gradients } = linearReference(x, numbers, zeros, logps.gradients[0]!, [N, K, V]);
    await expectOperation((one) => linearTokenLogps(one!, matrix, integers(targets)), rows, toN, {
      value: logps.value,
      gradients: [gradients[0]!],
    });
  });

  /** The product at this width took SwiftShader five minutes, once; the same vocabulary at 32 is what runs again. */
  it.runIf(whole)('a vocabulary of 151,936: rows at a width of 896, log-probs at 32', async () => {
    await installKernels();
    const V = 151_936;
    const ofWidth = (K: number) => {
      const halves = new Uint16Array(V * K);
      for (let i = 0; i < halves.length; i++)
        halves[i] = 0x3c00 + (Math.imul(i, 2_654_435_761) >>> 23) + ((i & 1) << 15);
      return storedMatrix(new Uint8Array(halves.buffer), 'BF16', [V, K]);
    };
    const wide = ofWidth(896);
    await holdStored([wide]);
    const slices = packedMatrix(webgpuDevice(), wide)!.slices;
    expect(slices.length).toBe(2);
    const ids = [0, slices[1]!.from - 1, slices[1]!.from, V - 1];
    const due = ids.flatMap((id) => {
      const row = new Float32Array(896);
      wide.rows(id, id + 1, row);
      return [...row];
    });
    expectSameBits(await values(tf.tidy(() => embedding(wide, integers(ids)))), due);
    const K = 32;
    const narrow = ofWidth(K);
    const numbers = storedNumbers(narrow);
    const x = createRandom(9).normal(2 * K);
    const targets = [V - 1, 5];
    const logps = targets.map((target, n) => {
      const logits = new Float64Array(V);
      for (let v = 0; v < V; v++) for (let k = 0; k < K; k++) logits[v]! += x[n * K + k]! * numbers[v * K + k]!;
      const top = logits.reduce((most, logit) => Math.max(most, logit));
      return logits[target]! - top - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
    });
    for (const [name, run] of Object.entries(packedKernels(webgpuDevice(), { slice: 2 ** 21 })))
      register(name, 'webgpu', run);
    const mine = await values(tf.tidy(() => linearTokenLogps(tensor(x, 2, K), narrow, integers(targets))));
    expect(distance(mine, logps)).toBeLessThan(1e-5);
    expect(packedMatrix(webgpuDevice(), narrow)!.slices.length).toBe(5);
  });
});
