/** Layers that run again on the way back: the same numbers to the last bit, less memory. */
import { installKernels } from '@svo/kernels';
import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { familyConfigs } from '../test-support/family-configs.ts';
import { idTensor, randomised, smallConfig, smallLm } from '../test-support/small-models.ts';
import { causalLm } from './causal-lm.ts';
import type { Checkpoint } from './decoder-record.ts';
import { applyLora, initLora } from './lora.ts';
import type { Params } from './parameters.ts';

const rows = [
  [3, 9, 4, 7, 2],
  [5, 1, 18, 2, 2],
];
const segments = { data: [0, 0, 0, 1, 1, 0, 0, 1, 1, -1], shape: [2, 5] };

beforeAll(async () => {
  await useBackend('wasm', { threads: 2 });
  await installKernels({ engine: 'wasm' });
});

/** Loss and gradients of the trained parameters, the others frozen. */
const gradients = (
  lm: ReturnType<typeof causalLm>,
  frozen: Params,
  trained: Params,
  options: Parameters<typeof lm.tokenLogps>[2] = {},
): Record<string, ArrayLike<number>> => {
  const ids = idTensor(rows);
  const { value, gradients: found } = valueAndGrads(
    (params) => tf.sum(tf.square(lm.tokenLogps({ ...frozen, ...params }, ids, options))),
    trained,
  );
  const numbers = Object.fromEntries(
    Object.entries({ loss: value as Tensor, ...found }).map(([name, tensor]) => [name, tensor.dataSync()]),
  );
  tf.dispose([ids, value, found]);
  return numbers;
};

describe.each(familyConfigs)("checkpoint: 'layer' of %s", (_, config) => {
  test.each([{}, { segments }, { scored: { data: [-1, 0, 0, -1, 0, -1, -1, -1, 0, 0], shape: [2, 5] } }])(
    'gives the same loss and gradients to the bit, told %o, and leaks nothing',
    (options) => {
      const params = randomised(causalLm(config).init(1));
      const before = tf.memory().numTensors;
      const [kept, again] = (['none', 'layer'] as const).map((checkpoint: Checkpoint) =>
        gradients(causalLm(config, { checkpoint }), {}, params, options),
      );
      expect(again).toEqual(kept);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose(params);
    },
  );

  test('does so for adapters over frozen weights', () => {
    const base = causalLm(config, { checkpoint: 'layer' });
    const lora = { rank: 3, alpha: 6 };
    const frozen = randomised(base.init(1));
    const adapters = randomised(initLora(base, lora, 1), 7);
    const again = gradients(applyLora(base, lora), frozen, adapters);
    expect(again).toEqual(gradients(applyLora(base, lora, { checkpoint: 'none' }), frozen, adapters));
    expect(Object.keys(again).length).toBe(1 + Object.keys(adapters).length);
    tf.dispose([frozen, adapters]);
  });
});

test("keeps the layers' inputs alone between the passes", () => {
  const config = { ...smallConfig, num_hidden_layers: 6 };
  const ids = tf.tensor2d(
    Array.from({ length: 256 }, (_, i) => i % 19),
    [4, 64],
    'int32',
  );
  const most = (checkpoint: Checkpoint): number => {
    const lm = causalLm(config, { checkpoint });
    const params = lm.init(1);
    const before = tf.memory().numBytes;
    let bytes = 0;
    const { value, gradients: found } = valueAndGrads((p) => {
      const loss: tf.Scalar = tf.sum(lm.tokenLogps(p, ids));
      bytes = tf.memory().numBytes - before;
      return loss;
    }, params);
    tf.dispose([value, found, params]);
    return bytes;
  };
  // Kept: about 17 activations of a layer's width; recomputed: its input.
  expect(most('layer')).toBeLessThan(most('none') / 3);
});

test('a checkpoint that is none is refused', () => {
  expect(() => causalLm(smallConfig, { checkpoint: 'block' as never })).toThrow(
    "causalLm: checkpoint must be 'none' or 'layer', got \"block\"",
  );
  expect(() => applyLora(smallLm(), { rank: 1, alpha: 1 }, { checkpoints: 'layer' } as never)).toThrow(
    "applyLora: unknown option 'checkpoints'",
  );
});
