/** The laws that hold for numbers in general, once more on the fused kernels, where sums are taken in another order. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installKernels } from '@svo/kernels';
import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { valueHead } from '../decoder/head/value-head.ts';
import { loadPretrained } from '../folders/pretrained.ts';
import { generate } from '../generation/generate.ts';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';

const golden = fileURLToPath(new URL('../../../../test/golden/models', import.meta.url));
const folders = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
  expect((await installKernels({ engine: 'wasm' })).missing).toEqual([]);
});

afterAll(() => useBackend('cpu'));

test.each(folders)('transformers folder %s: log-probs and greedy tokens', async (name) => {
  const expected = JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8'));
  const { lm, params } = await loadPretrained(join(golden, name));
  const logps = (await lm.tokenLogps(params, idTensor(expected.input_ids)).array()) as number[][];
  expect(
    largestGap(
      logps.flatMap((row) => row.slice(1)),
      expected.logps_next.flat(),
    ),
  ).toBeLessThan(1e-4);
  for (const independent of [true, false]) {
    const prompts = expected.input_ids.map((row: number[]) => row.slice(0, 6));
    const written = await generate(lm, params, prompts, { maxTokens: 12, temperature: 0, stopIds: [], independent });
    expect(written.map(([first]) => first!.ids)).toEqual(expected.greedy_from_first_6);
  }
});

test('gradients of scored log-probs and of values are those of the plain operations', async () => {
  const lm = smallLm({ model_type: 'qwen3', head_dim: 8 });
  const head = valueHead(lm);
  const ids = [
    [3, 9, 4, 7, 1, 12],
    [5, 5, 18, 2, 6, 0],
  ];
  const stepIds = { data: Int32Array.from([-1, -1, 0, 0, 1, -1, -1, -1, -1, 0, -1, -1]), shape: [2, 6] };
  const gradientsOn = async (backend: 'cpu' | 'wasm'): Promise<Map<string, ArrayLike<number>>> => {
    await useBackend(backend);
    const params = randomised({ ...lm.init(1), ...head.init(1) });
    const loss = (weights: Record<string, Tensor>) => {
      const { logps, values } = head.logpsAndValues(weights, idTensor(ids), stepIds, 2);
      return tf.add<tf.Scalar>(tf.sum(tf.square(logps)), tf.sum(values));
    };
    const { gradients } = valueAndGrads(loss, params);
    return new Map(Object.entries(gradients).map(([name, gradient]) => [name, gradient.dataSync()]));
  };
  const plain = await gradientsOn('cpu');
  const fused = await gradientsOn('wasm');
  for (const [name, expected] of plain) {
    const size = Math.max(...Array.from(expected, Math.abs));
    expect(largestGap(fused.get(name)!, expected) / size, name).toBeLessThan(1e-4);
  }
});

describe.each([
  ['llama', {}],
  ['qwen3, a head of 19', { model_type: 'qwen3', head_dim: 8, hidden_size: 64, intermediate_size: 100 }],
  ['mistral with a window', { model_type: 'mistral', sliding_window: 3, vocab_size: 70 }],
] as const)('%s', (_, change) => {
  test('a row does not depend on its batch, bit for bit', async () => {
    const lm = smallLm(change);
    const params = randomised(lm.init(1));
    const prompts = Array.from({ length: 90 }, (_, i) =>
      Array.from({ length: 1 + ((i * 5) % 23) }, (_, j) => (i * 7 + j * 3) % 19),
    );
    const seed = prompts.map((_, index) => index);
    const options = { maxTokens: 9, samples: 2, stopIds: [0, 1] };
    const together = await generate(lm, params, prompts, { ...options, seed });
    for (const index of [0, 1, 17, 44, 89])
      expect((await generate(lm, params, [prompts[index]!], { ...options, seed: [index] }))[0]).toEqual(
        together[index],
      );
    expect(await generate(lm, params, prompts, { ...options, seed, batchRows: 70 })).toEqual(together);
  });
});
