/**
 * Packed ≡ padded: several examples in one row give the loss, the log-probs, the values and the gradients they give in rows of
 * their own, with composed operations and with the fused kernels.
 */
import { batches, type Example, packedBatches } from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dvoLoss } from '@svo/losses';
import { createRng, permutation, splitRng } from '@svo/mdp';
import { causalLm, type ModelConfig, valueHead } from '@svo/models';
import { stepLogps, type Tensor, tf, upload, useBackend, valueAndGrads } from '@svo/tensor';
import { beforeAll, describe, expect, it } from 'vitest';

const sizes = {
  vocab_size: 19,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};
const configs: readonly ModelConfig[] = [
  { ...sizes, model_type: 'llama', rope_scaling: { type: 'yarn', factor: 2, original_max_position_embeddings: 16 } },
  { ...sizes, model_type: 'mistral', sliding_window: 5 },
  { ...sizes, model_type: 'qwen3', head_dim: 8 },
];

/** Lengths from 1 to 29; most begin with a prompt, some with a scored token; two steps where there is room. */
const examples: readonly Example[] = Array.from({ length: 11 }, (_, i) => {
  const length = 1 + ((i * 7) % 29);
  const ids = permutation(splitRng(createRng(5), i), 29).slice(0, length);
  const prompt = i % 3;
  const stepIds = ids.map((_id, at) => (at < prompt ? -1 : at < length / 2 ? 0 : 1));
  return { ids: ids.map((id) => id % 19), stepIds, credits: [0.4 - i / 20, i / 15], terminal: true };
});
const order = { batchSize: examples.length, seed: 3, padId: 0, steps: 2 };
const [padded] = [...batches(examples, order)];
const [packed] = [...packedBatches(examples, order)];
const count = examples.length;

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((most, gap) => Math.max(most, gap), a.length - b.length);

it('nearly no token of the packed batch is padding', () => {
  const fraction = ({ ids, lengths }: typeof packed): number =>
    1 - lengths.reduce((sum, length) => sum + length, 0) / ids.data.length;
  expect(fraction(packed)).toBeLessThan(0.1);
  expect(fraction({ ...packed, ...padded })).toBeGreaterThan(0.4);
});

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
    await installKernels();
  });

  it.each(configs)('$model_type: loss, values and every gradient', async (config) => {
    const lm = causalLm({ ...config, initializer_range: 0.3 });
    const head = valueHead(lm);
    const params = { ...lm.init(1), ...head.init(2) };
    const numbers: Record<string, Float32Array>[] = [];
    const passes: ((given: Record<string, Tensor>) => { logps: Tensor; values: Tensor })[] = [
      (given) => {
        const { ids, stepIds } = upload(padded);
        const { logps, values } = head.logpsAndValues(given, ids, stepIds, 2);
        return { logps: stepLogps(logps, stepIds, 2), values };
      },
      (given) => {
        const { ids, stepIds, segments } = upload(packed);
        const { logps, values } = head.logpsAndValues(given, ids, stepIds, 2 * count, { segments });
        const row = [1, ids.size];
        const summed = stepLogps(tf.reshape(logps, row), tf.reshape(stepIds, row), 2 * count);
        return { logps: tf.reshape(summed, [count, 2]), values: tf.reshape(values, [count, 2]) };
      },
    ];
    for (const pass of passes) {
      const { credits, mask } = upload(padded);
      const kept: Record<string, Tensor> = {};
      const { value, gradients } = valueAndGrads((given: Record<string, Tensor>) => {
        const { logps, values } = pass(given);
        Object.assign(kept, { logps: tf.keep(logps.clone()), values: tf.keep(values.clone()) });
        const inputs = { policyLogps: logps, referenceLogps: tf.zerosLike(logps), credits, mask };
        return tf.add(dvoLoss(inputs), tf.sum(tf.square(tf.mul(tf.sub(values, credits), mask))));
      }, params);
      numbers.push(
        Object.fromEntries(
          Object.entries({ loss: value, ...kept, ...gradients }).map(([name, tensor]) => [
            name,
            tensor.dataSync() as Float32Array,
          ]),
        ),
      );
    }
    const [own, shared] = numbers as [Record<string, Float32Array>, Record<string, Float32Array>];
    expect(Object.keys(shared)).toEqual(Object.keys(own));
    for (const [name, expected] of Object.entries(own)) {
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(largestGap(shared[name]!, expected) / scale, name).toBeLessThan(2e-6);
    }
    expect(shared.loss).not.toEqual(new Float32Array(1));
    tf.dispose(params);
  });

  it('refuses rows longer than frequencies that follow the length allow', () => {
    const scaling = { type: 'dynamic', factor: 2 };
    const lm = causalLm({ ...configs[0]!, rope_scaling: scaling, max_position_embeddings: 16 });
    const { ids, segments } = upload(packed);
    expect(() => lm.tokenLogps(lm.init(1), ids, { segments })).toThrow(
      /rows must be at most 16 tokens under dynamic RoPE/,
    );
    expect(() => lm.tokenLogps(lm.init(1), ids, { segments: tf.zeros([1, 2], 'int32') })).toThrow(
      /segments must have the shape of ids/,
    );
  });
});
