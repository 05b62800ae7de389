/** A plan against what the heap holds, family by family, and what it says of sizes that do not fit. */
import { installKernels } from '@svo/kernels';
import { type OutOfMemoryError, tf, useBackend, valueAndGrads, wasmHeap } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { causalLm } from '../decoder/causal-lm.ts';
import type { ModelConfig } from '../decoder/config/architecture.ts';
import type { Checkpoint } from '../decoder/decoder-record.ts';
import { applyLora, initLora, projectionRanks } from '../decoder/lora.ts';
import { familyConfigs } from '../test-support/family-configs.ts';
import { smallConfig } from '../test-support/small-models.ts';
import { keptInLayer } from './kept-numbers.ts';
import { memoryPlan } from './memory-plan.ts';

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
  await installKernels({ engine: 'wasm' });
});

/** Bytes of the heap in use: an allocation that cannot be granted says so. */
const inUse = (): number => {
  try {
    return wasmHeap().allocate(2 ** 33);
  } catch (error) {
    return (error as OutOfMemoryError).inUse!;
  }
};

const [batch, length] = [2, 48];
const lora = { rank: 5, alpha: 8 };
const wide = { vocab_size: 50, hidden_size: 64, intermediate_size: 112, num_attention_heads: 4, head_dim: 32 };

/** What lies in the heap between the passes, beyond weights and ids. */
const keptBetween = (config: ModelConfig, checkpoint: Checkpoint): number => {
  const base = causalLm(config, { checkpoint });
  const lm = applyLora(base, lora);
  const [frozen, adapters] = [base.init(1), initLora(base, lora, 1)];
  const ids = tf.tensor2d(
    Array.from({ length: batch * length }, (_, i) => i % 19),
    [batch, length],
    'int32',
  );
  const before = inUse();
  let between = 0;
  const { value, gradients } = valueAndGrads((trained) => {
    const loss = tf.sum<tf.Scalar>(lm.tokenLogps({ ...frozen, ...trained }, ids));
    between = inUse() - before;
    return loss;
  }, adapters);
  tf.dispose([value, gradients, frozen, adapters, ids]);
  return between;
};

/** The same family with so many layers, its kinds of layer in turn. */
const deep = (config: ModelConfig, layers: number): ModelConfig => {
  const repeated = (key: string): object => {
    const list = config[key] as readonly unknown[] | undefined;
    return list ? { [key]: Array.from({ length: layers }, (_, i) => list[i % list.length]) } : {};
  };
  return { ...config, ...wide, ...repeated('layer_types'), ...repeated('no_rope_layers'), num_hidden_layers: layers };
};

describe.each(familyConfigs)('%s', (_, config) => {
  test('two layers more keep what is counted', () => {
    const { architecture, ...lm } = causalLm(deep(config, 4));
    const ranks = projectionRanks({ ...lm, architecture }, lora);
    const counted = [1, 2].map((layer) => keptInLayer(architecture, layer, ranks)).reduce((a, b) => a + b);
    // Once before: workspaces and tables stay in the heap.
    keptBetween(deep(config, 4), 'none');
    const found = keptBetween(deep(config, 4), 'none') - keptBetween(deep(config, 2), 'none');
    expect(found / (4 * batch * length * counted)).toBeGreaterThan(0.98);
    expect(found / (4 * batch * length * counted)).toBeLessThan(1.02);
    const again = keptBetween(deep(config, 4), 'layer') - keptBetween(deep(config, 2), 'layer');
    expect(again).toBe(2 * 4 * batch * length * architecture.hiddenSize);
  });
});

const eight: ModelConfig = {
  model_type: 'llama',
  vocab_size: 128_256,
  hidden_size: 4096,
  intermediate_size: 14_336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
};

test('8 billion weights fit in 4 bits and not in float32, and the reason is told', () => {
  const lm = causalLm(eight);
  const ask = { batch: 1, length: 64, machineBytes: 16e9, lora: { rank: 8, alpha: 16 }, checkpoint: 'layer' } as const;
  const plan = memoryPlan(lm, { ...ask, weights: 'int4' });
  // 6.98e9 weights of layers in 18 bytes for 32, two matrices of the vocabulary in 34.
  expect(plan.outside).toBe((6_979_321_856 * 18) / 32 + (2 * 128_256 * 4096 * 34) / 32);
  expect([plan.fits, plan.reasons]).toEqual([true, []]);
  expect(memoryPlan(lm, { ...ask, weights: 'stored', machineBytes: 8e9 }).reasons.join()).toMatch(
    /^the process needs 1\d\.\d\d GB, the machine has 8\.00$/,
  );
  const { fits, reasons } = memoryPlan(lm, ask);
  expect(fits).toBe(false);
  expect(reasons[0]).toMatch(
    /^the heap needs 3\d\.\d\d of 4\.16 GB \(weights: 'stored', 'int8' or 'int4', a smaller batch/,
  );
  expect(memoryPlan(lm, { ...ask, run: 'generate', weights: 'int8' }).heap.gradients).toBe(0);
});

test('more of anything takes no less', () => {
  const lm = causalLm(smallConfig);
  const total = (change: object): number =>
    memoryPlan(lm, { batch: 2, length: 8, lora, machineBytes: 1e9, ...change }).process;
  for (const [less, more] of [
    [{ batch: 2 }, { batch: 3 }],
    [{ length: 8 }, { length: 9 }],
    [{ checkpoint: 'layer' }, { checkpoint: 'none' }],
    [{ weights: 'int4' }, { weights: 'int8' }],
    [{ lora: { ...lora, rank: 2 } }, { lora: { ...lora, rank: 30 } }],
    [
      { lora, moments: 0 },
      { lora, moments: 2 },
    ],
  ])
    expect(total(less!), JSON.stringify(more)).toBeLessThanOrEqual(total(more!));
});

test.each([
  [{ batch: 0, length: 4 }, 'memoryPlan: batch must be an integer ≥ 1, got 0'],
  [{ batch: 1, length: 4, weights: 'int2' }, "memoryPlan: weights must be 'float32', 'stored', 'int8' or 'int4'"],
  [{ batch: 1, length: 4, weights: 'int8' }, 'memoryPlan: weights that are frozen are not trained'],
  [{ batch: 1, length: 4, lora: { rank: 0, alpha: 1 } }, 'memoryPlan: rank must be an integer ≥ 1, got 0'],
  [{ batch: 1, length: 4, size: 4 }, "memoryPlan: unknown option 'size'"],
])('%o is refused', (options, message) => {
  expect(() => memoryPlan(causalLm(smallConfig), options as never)).toThrow(message);
});
