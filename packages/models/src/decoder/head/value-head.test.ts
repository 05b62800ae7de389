import { type Tensor, tf, useBackend, valueAndGrads } from '@svo/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { idTensor, largestGap, markedRows, randomised, smallConfig, smallLm } from '../../test-support/small-models.ts';
import { valueHead, valueNetwork } from './value-head.ts';

const { rows, stepIds } = markedRows;

beforeAll(async () => {
  await useBackend('cpu');
});

describe('valueHead', () => {
  test('tanh of the linear layer at each step’s last token; 0 for steps a row lacks', async () => {
    const lm = smallLm();
    const head = valueHead(lm);
    const params = randomised({ ...lm.init(1), ...head.init(2) });
    const hidden = (await lm.hidden(params, idTensor(rows)).array()) as number[][][];
    const [weight, bias] = [params['value_head.weight']!.dataSync(), params['value_head.bias']!.dataSync()];
    const at = (b: number, t: number): number =>
      Math.tanh(hidden[b]![t]!.reduce((total, x, i) => total + x * weight[i]!, bias[0]!));
    const values = head.values(params, idTensor(rows), idTensor(stepIds), 3).dataSync();
    expect(largestGap(values, [at(0, 3), at(0, 4), 0, at(1, 3), 0, 0])).toBeLessThan(1e-5);
    const everywhere = head.tokenValues(params, idTensor(rows)).dataSync();
    expect(
      largestGap(
        everywhere,
        [0, 1].flatMap((b) => rows[b]!.map((_, t) => at(b, t))),
      ),
    ).toBeLessThan(1e-5);
    const raw = valueHead(lm, 'identity').values(params, idTensor(rows), idTensor(stepIds), 2).dataSync();
    expect(Math.tanh(raw[0]!)).toBeCloseTo(at(0, 3), 5);
  });

  test('logpsAndValues is both, from one pass', () => {
    const lm = smallLm();
    const head = valueHead(lm);
    const params = randomised({ ...lm.init(1), ...head.init(2) });
    const both = head.logpsAndValues(params, idTensor(rows), idTensor(stepIds), 2);
    const logps = lm.tokenLogps(params, idTensor(rows), { scored: idTensor(stepIds) });
    const values = head.values(params, idTensor(rows), idTensor(stepIds), 2);
    expect(largestGap(both.logps.dataSync(), logps.dataSync())).toBeLessThan(1e-5);
    expect(largestGap(both.values.dataSync(), values.dataSync())).toBeLessThan(1e-5);
  });

  test('a batch without a scored token has zeros and no gradient', () => {
    const lm = smallLm();
    const head = valueHead(lm);
    const params = { ...lm.init(1), ...head.init(2) };
    const nothing = idTensor([new Array(6).fill(-1), new Array(6).fill(-1)]);
    const { logps, values } = head.logpsAndValues(params, idTensor(rows), nothing, 2);
    expect([...logps.dataSync(), ...values.dataSync()].every((value) => value === 0)).toBe(true);
    expect(head.values(params, idTensor(rows), nothing, 2).shape).toEqual([2, 2]);
  });

  test('the gradient of values reaches the head and the decoder, not the language-model head', () => {
    const lm = smallLm();
    const head = valueHead(lm);
    const loss = (params: Record<string, Tensor>) =>
      tf.sum<tf.Scalar>(head.values(params, idTensor(rows), idTensor(stepIds), 2));
    const { 'lm_head.weight': _, ...params } = randomised({ ...lm.init(1), ...head.init(2) });
    const { gradients } = valueAndGrads(loss, params);
    for (const [name, gradient] of Object.entries(gradients))
      expect(tf.max(tf.abs(gradient)).dataSync()[0], name).toBeGreaterThan(0);
  });

  test('errors name what is wrong', () => {
    const lm = smallLm();
    const head = valueHead(lm);
    const params = { ...lm.init(1), ...head.init(2) };
    expect(() => head.values(params, idTensor(rows), idTensor([[0]]), 1)).toThrow(/stepIds must have the shape of ids/);
    expect(() => head.values(params, idTensor(rows), idTensor(stepIds), 1)).toThrow(
      /stepIds must be below steps = 1, got 1/,
    );
  });
});

test('valueNetwork: a decoder and head of its own, seeded, without lm_head', () => {
  const network = valueNetwork(smallConfig);
  const before = tf.memory().numTensors;
  const params = network.init(1);
  expect(tf.memory().numTensors - before).toBe(Object.keys(params).length);
  expect(Object.keys(params)).toContain('value_head.weight');
  expect(Object.keys(params)).not.toContain('lm_head.weight');
  expect(network.values(params, idTensor(rows), idTensor(stepIds), 2).shape).toEqual([2, 2]);
});
