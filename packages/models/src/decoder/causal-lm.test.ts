import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { idTensor, largestGap, markedRows, randomised, smallConfig, smallLm } from '../test-support/small-models.ts';

const { rows, stepIds } = markedRows;

beforeAll(async () => {
  await useBackend('cpu');
});

describe('causalLm', () => {
  test('init: same seed, same values; every parameter its own stream; norms are ones', () => {
    const lm = smallLm();
    const [one, two, other] = [lm.init(1), lm.init(1), lm.init(2)];
    for (const [name, value] of Object.entries(one)) expect(two[name]!.dataSync(), name).toEqual(value.dataSync());
    const name = 'model.layers.0.mlp.gate_proj.weight';
    expect(other[name]!.dataSync()).not.toEqual(one[name]!.dataSync());
    expect(one['model.layers.0.mlp.up_proj.weight']!.dataSync()).not.toEqual(one[name]!.dataSync());
    expect([...one['model.norm.weight']!.dataSync()]).toEqual(new Array(16).fill(1));
    const deeper = smallLm({ num_hidden_layers: 3 }).init(1);
    expect(deeper[name]!.dataSync()).toEqual(one[name]!.dataSync());
  });

  test('init draws with the config’s deviation', () => {
    const { 'model.embed_tokens.weight': weight } = smallLm({ vocab_size: 4000, initializer_range: 0.05 }).init(3);
    const { mean, variance } = tf.moments(weight!);
    expect(Math.abs(mean.dataSync()[0]!)).toBeLessThan(0.001);
    expect(Math.sqrt(variance.dataSync()[0]!)).toBeCloseTo(0.05, 3);
  });

  test('tokenLogps is the log-softmax of apply, one place later; entry 0 is 0', async () => {
    const lm = smallLm();
    const params = randomised(lm.init(1));
    const logits = (await tf.logSoftmax(lm.apply(params, idTensor(rows))).array()) as number[][][];
    const logps = (await lm.tokenLogps(params, idTensor(rows)).array()) as number[][];
    const expected = rows.map((row, b) => row.map((id, t) => (t === 0 ? 0 : logits[b]![t - 1]![id]!)));
    expect(largestGap(logps.flat(), expected.flat())).toBeLessThan(1e-5);
  });

  test.each(['a tensor', 'host data'])('scored (%s): the same numbers where scored, 0 elsewhere', async (kind) => {
    const lm = smallLm();
    const params = randomised(lm.init(1));
    const all = await lm.tokenLogps(params, idTensor(rows)).data();
    const marks = idTensor(stepIds);
    const scored = kind === 'a tensor' ? marks : { data: Int32Array.from(stepIds.flat()), shape: [2, 6] };
    const some = await lm.tokenLogps(params, idTensor(rows), { scored }).data();
    const expected = stepIds.flat().map((step, index) => (step < 0 ? 0 : all[index]!));
    expect(largestGap(some, expected)).toBeLessThan(1e-6);
  });

  test('scored: the head never sees the other tokens', () => {
    const lm = smallLm({ vocab_size: 5000 });
    const params = lm.init(1);
    const { newBytes, peakBytes } = tf.tidy(() => {
      const before = tf.memory().numBytes;
      const scored = idTensor([[...new Array(63).fill(-1), 0]]);
      lm.tokenLogps(params, idTensor([new Array(64).fill(3)]), { scored });
      return { newBytes: tf.memory().numBytes - before, peakBytes: 64 * 5000 * 4 };
    });
    expect(newBytes).toBeLessThan(peakBytes / 4);
  });

  test('the gradient through scored rows is the gradient through all, masked', async () => {
    const lm = smallLm();
    const params = randomised(lm.init(1));
    const mask = tf.cast(tf.greaterEqual(idTensor(stepIds), 0), 'float32');
    const masked = valueAndGrads(
      (p: Record<string, Tensor>) => tf.sum<tf.Scalar>(tf.mul(lm.tokenLogps(p, idTensor(rows)), mask)),
      params,
    );
    const scored = valueAndGrads(
      (p: Record<string, Tensor>) => tf.sum<tf.Scalar>(lm.tokenLogps(p, idTensor(rows), { scored: idTensor(stepIds) })),
      params,
    );
    for (const name of Object.keys(params))
      expect(largestGap(scored.gradients[name]!.dataSync(), masked.gradients[name]!.dataSync()), name).toBeLessThan(
        2e-4,
      );
  });

  test('what comes after a token, padding or not, does not change what comes before', async () => {
    const lm = smallLm();
    const params = randomised(lm.init(1));
    const full = (await lm.apply(params, idTensor([rows[0]!])).array()) as number[][][];
    const short = (await lm.apply(params, idTensor([rows[0]!.slice(0, 3)])).array()) as number[][][];
    expect(largestGap(short[0]!.flat(), full[0]!.slice(0, 3).flat())).toBeLessThan(1e-5);
  });

  test('a window of T or more is no window; a smaller one is another model', async () => {
    const change = { model_type: 'mistral' } as const;
    const plain = smallLm({ ...change, sliding_window: null });
    const params = randomised(plain.init(1));
    const run = (window: number | null): ArrayLike<number> =>
      smallLm({ ...change, sliding_window: window })
        .apply(params, idTensor(rows))
        .dataSync();
    expect(largestGap(run(6), run(null))).toBe(0);
    expect(largestGap(run(2), run(null))).toBeGreaterThan(0.01);
  });

  test('leaks no tensors', () => {
    const lm = smallLm({ model_type: 'qwen3', head_dim: 8 });
    const params = lm.init(1);
    const ids = idTensor(rows);
    const before = tf.memory().numTensors;
    for (const output of [lm.apply(params, ids), lm.tokenLogps(params, ids), lm.hidden(params, ids)]) output.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('errors name what is wrong', () => {
    const lm = smallLm();
    const params = lm.init(1);
    expect(() => lm.apply(params, tf.tensor2d([[1, 2]]))).toThrow(
      /apply: ids must be int32 \[B, T\], got float32 \[1,2\]/,
    );
    expect(() => lm.tokenLogps(params, tf.tensor1d([1], 'int32'))).toThrow(/tokenLogps: ids must be int32/);
    expect(() => lm.hidden(params, tf.zeros([0, 3], 'int32'))).toThrow(/at least one token/);
    expect(() => lm.tokenLogps(params, idTensor(rows), { scored: idTensor([[0]]) })).toThrow(
      /scored must have the shape of ids \[2, 6\], got \[1,1\]/,
    );
    expect(() => smallLm({ model_type: 'gpt2' as 'llama' })).toThrow(/causalLm: model_type/);
    const { 'model.norm.weight': _, ...missing } = params;
    expect(() => lm.apply(missing, idTensor(rows))).toThrow(/params\['model.norm.weight'\]/);
  });

  test('config is kept as given, unknown keys included', () => {
    expect(smallLm({ my_key: 7 }).config).toEqual({ ...smallConfig, my_key: 7 });
  });
});
