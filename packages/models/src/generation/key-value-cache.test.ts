import { tf, useBackend } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';
import { decodeStep, disposeCache, pickRows, prefill } from './key-value-cache.ts';

const prompts = [
  [3, 9, 4],
  [7, 1, 2, 5, 8],
];
beforeAll(async () => {
  await useBackend('cpu');
});

describe.each(familyConfigs)('%s', (_, config) => {
  const lm = causalLm(config);

  test('prefill then decode gives the logits of the whole text', () => {
    const params = randomised(lm.init(1));
    const lastLogits = (ids: number[]): Float32Array =>
      lm
        .apply(params, idTensor([ids]))
        .dataSync()
        .slice(-19) as Float32Array;
    const rowOf = Int32Array.of(1, 0, 1);
    const { cache, logits } = prefill(lm.decoder, params, prompts, rowOf, 8);
    expect(logits.shape).toEqual([2, 19]);
    expect(largestGap(logits.dataSync(), [...lastLogits(prompts[0]!), ...lastLogits(prompts[1]!)])).toBeLessThan(1e-4);
    const texts = [...rowOf].map((prompt) => [...prompts[prompt]!]);
    for (let step = 0; step < 3; step++) {
      const tokens = Int32Array.of(6 + step, 11, 2);
      const positions = Int32Array.from(texts, (text) => text.length);
      const output = decodeStep(lm.decoder, params, cache, tokens, positions).dataSync();
      for (const [row, text] of texts.entries()) text.push(tokens[row]!);
      expect(
        largestGap(
          output,
          texts.flatMap((text) => [...lastLogits(text)]),
        ),
      ).toBeLessThan(1e-4);
    }
  });

  test('picked rows go on as they would have', () => {
    const params = randomised(lm.init(1));
    const step = (cache: Parameters<typeof decodeStep>[2], rows: number[]) =>
      decodeStep(
        lm.decoder,
        params,
        cache,
        Int32Array.from(rows, () => 4),
        Int32Array.from(rows, (row) => prompts[row]!.length),
      ).dataSync();
    const whole = prefill(lm.decoder, params, prompts, Int32Array.of(0, 1), 8).cache;
    const picked = pickRows(prefill(lm.decoder, params, prompts, Int32Array.of(0, 1), 8).cache, Int32Array.of(1, 1));
    const expected = step(whole, [0, 1]).slice(19);
    expect(picked.rows).toBe(2);
    expect(step(picked, [1, 1])).toEqual(Float32Array.of(...expected, ...expected));
  });
});

test('padding changes no number and frees nothing too little', () => {
  const lm = smallLm();
  const params = randomised(lm.init(1));
  const before = tf.memory().numTensors;
  const plain = prefill(lm.decoder, params, prompts, Int32Array.of(0, 1), 8);
  const padded = prefill(lm.decoder, params, prompts, Int32Array.of(0, 1), 8, 32);
  expect(padded.logits.shape[0]).toBe(32);
  expect(largestGap(padded.logits.dataSync().slice(0, 38), plain.logits.dataSync())).toBeLessThan(1e-5);
  for (const { cache, logits } of [plain, padded]) {
    logits.dispose();
    disposeCache(cache);
  }
  expect(tf.memory().numTensors).toBe(before);
});
