import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { saveAdapters } from '../folders/adapter-folder.ts';
import { savePretrained } from '../folders/pretrained.ts';
import { generate } from '../generation/generate.ts';
import { idTensor, largestGap, randomised, smallLm } from '../test-support/small-models.ts';
import { adapterScale, applyLora, initLora, mergeLora } from './lora.ts';

const rows = [
  [3, 9, 4, 7],
  [5, 1, 18, 2],
];
const settings = { rank: 3, alpha: 6 };

beforeAll(async () => {
  await useBackend('cpu');
});

describe('LoRA', () => {
  test('fresh adapters change nothing, and neither do absent ones: the adapters-off reference', () => {
    const base = smallLm();
    const lm = applyLora(base, settings);
    const params = randomised(base.init(1));
    const expected = base.tokenLogps(params, idTensor(rows)).dataSync();
    expect(lm.tokenLogps(params, idTensor(rows)).dataSync()).toEqual(expected);
    expect(lm.tokenLogps({ ...params, ...initLora(base, settings, 1) }, idTensor(rows)).dataSync()).toEqual(expected);
  });

  test('the base model does not look at adapters', () => {
    const base = smallLm();
    const params = randomised(base.init(1));
    const withAdapters = { ...params, ...randomised(initLora(base, settings, 1)) };
    expect(base.apply(withAdapters, idTensor(rows)).dataSync()).toEqual(base.apply(params, idTensor(rows)).dataSync());
  });

  test.each([{}, { targets: ['q_proj', 'down_proj'] as const }, { rankStabilized: true }])(
    'merged = applied, with %o',
    async (change) => {
      const base = smallLm({ model_type: 'qwen2' });
      const lora = { ...settings, ...change };
      const lm = applyLora(base, lora);
      const params = { ...randomised(base.init(1)), ...randomised(initLora(base, lora, 1), 7) };
      const applied = lm.apply(params, idTensor(rows)).dataSync();
      const merged = mergeLora(params, lora);
      expect(Object.keys(merged).sort()).toEqual(Object.keys(base.init(1)).sort());
      expect(largestGap(base.apply(merged, idTensor(rows)).dataSync(), applied)).toBeLessThan(1e-4);
      expect(largestGap(base.apply(params, idTensor(rows)).dataSync(), applied)).toBeGreaterThan(0.1);
      const greedy = { maxTokens: 6, temperature: 0, stopIds: [] };
      expect((await generate(lm, params, rows, greedy)).map(([one]) => one!.ids)).toEqual(
        (await generate(base, merged, rows, greedy)).map(([one]) => one!.ids),
      );
    },
  );

  test('merging shares no tensor with what it was given', () => {
    const base = smallLm();
    const params = { ...base.init(1), ...initLora(base, settings, 1) };
    const merged = mergeLora(params, settings);
    tf.dispose(params);
    expect(base.apply(merged, idTensor(rows)).shape).toEqual([2, 4, 19]);
  });

  test('the gradient reaches the adapters, and B’s first', () => {
    const base = smallLm();
    const lm = applyLora(base, settings);
    const frozen = randomised(base.init(1));
    const { gradients } = valueAndGrads(
      (adapters: Record<string, Tensor>) =>
        tf.sum<tf.Scalar>(lm.tokenLogps({ ...frozen, ...adapters }, idTensor(rows))),
      initLora(base, settings, 1),
    );
    for (const [name, gradient] of Object.entries(gradients)) {
      const size = tf.max(tf.abs(gradient)).dataSync()[0];
      // B starts at zero, so that A's gradient, which passes through B, does too.
      if (name.endsWith('lora_A.weight')) expect(size, name).toBe(0);
      else expect(size, name).toBeGreaterThan(0);
    }
  });

  test('A is drawn in ±1/√in, B is zero, and seeds matter', () => {
    const adapters = initLora(smallLm(), settings, 1);
    const name = 'model.layers.1.self_attn.q_proj';
    const values = adapters[`${name}.lora_A.weight`]!.dataSync();
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(Math.max(...values)).toBeGreaterThan(0.15);
    expect([...adapters[`${name}.lora_B.weight`]!.dataSync()].every((value) => value === 0)).toBe(true);
    expect(initLora(smallLm(), settings, 2)[`${name}.lora_A.weight`]!.dataSync()).not.toEqual(values);
  });

  test('α / r, or α / √r', () => {
    expect(adapterScale({ rank: 4, alpha: 8 })).toBe(2);
    expect(adapterScale({ rank: 4, alpha: 8, rankStabilized: true })).toBe(4);
  });

  test.each([
    [{ rank: 0 }, /rank must be an integer ≥ 1, got 0/],
    [{ alpha: 0 }, /alpha must be > 0, got 0/],
    [{ targets: [] }, /at least one projection/],
    [{ targets: ['lm_head' as 'q_proj'] }, /targets must be of q_proj, .*, got lm_head/],
  ])('refuses %o', (change, message) => {
    expect(() => applyLora(smallLm(), { ...settings, ...change })).toThrow(message);
    expect(() => initLora(smallLm(), { ...settings, ...change }, 1)).toThrow(message);
  });

  test('refuses adapters of another rank than the settings say, whose α / r would be wrong, wherever they are used', async () => {
    const base = smallLm();
    const params = { ...base.init(1), ...initLora(base, settings, 1) };
    for (const rank of [1, settings.rank + 1, 2 * settings.rank]) {
      const other = { ...settings, rank };
      const message = `settings.rank must be the adapters', ${settings.rank} of model.layers.0.self_attn.q_proj.lora_A.weight, got ${rank}`;
      expect(() => applyLora(base, other).tokenLogps(params, idTensor(rows))).toThrow(`applyLora: ${message}`);
      expect(() => mergeLora(params, other)).toThrow(`mergeLora: ${message}`);
      await expect(
        savePretrained('/nowhere', { lm: applyLora(base, other), params, mergeAdapters: true }),
      ).rejects.toThrow(`savePretrained: ${message}`);
      await expect(saveAdapters('/nowhere', { settings: other, params })).rejects.toThrow(`saveAdapters: ${message}`);
    }
  });

  test('refuses half an adapter, and one without its weight', () => {
    const params = { 'a.weight': tf.zeros([2, 2]), 'a.lora_A.weight': tf.zeros([1, 2]) };
    expect(() => mergeLora(params, settings)).toThrow(/a has one of lora_A and lora_B, needs both/);
    expect(() => mergeLora({ 'b.lora_A.weight': tf.zeros([1, 2]) }, settings)).toThrow(
      /b.lora_A.weight has no base weight/,
    );
  });
});
