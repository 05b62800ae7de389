/**
 * Packed ≡ padded: several examples in one row give the loss, the log-probs, the values and the gradients they give in rows of
 * their own, with composed operations and with the fused kernels.
 */
import {
  batches,
  type Example,
  packedBatches,
  packedPairBatches,
  packedUnpairedBatches,
  pairBatches,
  unpairedBatches,
} from '@svo/data';
import { installKernels } from '@svo/kernels';
import { dpoLoss, dvoLoss, ktoLoss } from '@svo/losses';
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
const padded = [...batches(examples, order)][0]!;
const packed = [...packedBatches(examples, order)][0]!;
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

  it('pairs and labelled completions: losses and every gradient', () => {
    const lm = causalLm({ ...configs[0]!, initializer_range: 0.3 });
    const params = lm.init(1);
    const sides = examples
      .filter(({ ids }) => ids.length > 3)
      .map(({ ids }) => ({ ids, stepIds: ids.map((_, at) => (at < 2 ? -1 : 0)), credits: [0], terminal: true }));
    const half = sides.length >> 1;
    const pairs = sides.slice(0, half).map((chosen, i) => ({
      ...{ chosen: { ...chosen, referenceLogps: [-2 - i] }, rejected: { ...sides[half + i]!, referenceLogps: [-3] } },
      ...{ chosenValue: 1, rejectedValue: -1 },
    }));
    const rows = sides.map((example, i) => ({ example: { ...example, referenceLogps: [-1] }, label: i % 2 === 0 }));
    const own = { batchSize: half, seed: 3, padId: 0 };
    const all = { batchSize: rows.length, seed: 3, padId: 0, length: 29 };
    const [pair, packedPair] = [[...pairBatches(pairs, own)][0]!, [...packedPairBatches(pairs, own)][0]!];
    const [row, packedRow] = [[...unpairedBatches(rows, all)][0]!, [...packedUnpairedBatches(rows, all)][0]!];
    expect(packedPair.ids.data.length).toBeLessThan(pair.ids.data.length);

    const perRow = (given: Record<string, Tensor>, ids: Tensor, stepIds: Tensor): Tensor =>
      tf.reshape(stepLogps(lm.tokenLogps(given, ids, { scored: stepIds }), stepIds, 1), [ids.shape[0]!]);
    const perSegment = (
      given: Record<string, Tensor>,
      ids: Tensor,
      stepIds: Tensor,
      segments: Tensor,
      count: number,
    ) => {
      const flat = [1, ids.size];
      const logps = lm.tokenLogps(given, ids, { scored: stepIds, segments });
      return tf.reshape(stepLogps(tf.reshape(logps, flat), tf.reshape(stepIds, flat), count), [count]);
    };
    const pairLoss = (sums: Tensor, batch: typeof pair | typeof packedPair) => {
      const [policyChosenLogps, policyRejectedLogps] = tf.split(sums, 2) as [Tensor, Tensor];
      const { referenceChosenLogps, referenceRejectedLogps } = upload(batch);
      return dpoLoss({ policyChosenLogps, policyRejectedLogps, referenceChosenLogps, referenceRejectedLogps });
    };
    const rowLoss = (policyLogps: Tensor, policyKlLogps: Tensor) => {
      const { labels, referenceLogps } = upload(row);
      return ktoLoss({
        policyLogps,
        referenceLogps,
        labels,
        policyKlLogps,
        referenceKlLogps: tf.zerosLike(policyKlLogps),
      });
    };
    const grads = (of: (given: Record<string, Tensor>) => Tensor): Float32Array[] => {
      const { value, gradients } = valueAndGrads(of as (given: Record<string, Tensor>) => tf.Scalar, params);
      return [value, ...Object.values(gradients)].map((tensor) => tensor.dataSync() as Float32Array);
    };
    const cases: readonly [Float32Array[], Float32Array[]][] = [
      [
        grads((given) => {
          const { ids, stepIds } = upload(pair);
          return pairLoss(perRow(given, ids, stepIds), pair);
        }),
        grads((given) => {
          const { ids, stepIds, segments } = upload(packedPair);
          return pairLoss(perSegment(given, ids, stepIds, segments, 2 * half), packedPair);
        }),
      ],
      [
        grads((given) => {
          const { ids, stepIds, klIds, klStepIds } = upload(row);
          return rowLoss(perRow(given, ids, stepIds), perRow(given, klIds, klStepIds));
        }),
        grads((given) => {
          const { ids, stepIds, segments, klIds, klStepIds, klSegments } = upload(packedRow);
          const count = rows.length;
          return rowLoss(
            perSegment(given, ids, stepIds, segments, count),
            perSegment(given, klIds, klStepIds, klSegments, count),
          );
        }),
      ],
    ];
    for (const [padded, shared] of cases) {
      expect(padded[0]).not.toEqual(new Float32Array(1));
      padded.forEach((expected, i) => {
        const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(largestGap(shared[i]!, expected) / scale).toBeLessThan(2e-6);
      });
    }
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
