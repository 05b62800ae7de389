import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, runs, settings, tensor, values } from '../test-support/backends.ts';
import { numbers, sizes } from '../test-support/random.ts';
import { adamwUpdate } from './adamw-update.ts';

const settingsOf = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

/** torch.optim.AdamW's arithmetic in float64. */
function reference(param: number[], gradients: number[][]) {
  const { learningRate: rate, beta1, beta2, epsilon, weightDecay } = settingsOf;
  const [p, m, v] = [[...param], param.map(() => 0), param.map(() => 0)];
  gradients.forEach((gradient, t) => {
    gradient.forEach((g, i) => {
      p[i]! *= 1 - rate * weightDecay;
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const deviation = Math.sqrt(v[i]!) / Math.sqrt(1 - beta2 ** (t + 1)) + epsilon;
      p[i]! -= ((rate / (1 - beta1 ** (t + 1))) * m[i]!) / deviation;
    });
  });
  return { p, m, v };
}

describe.each(settings)('adamwUpdate: $name', ({ name, start }) => {
  beforeAll(start);

  it('follows the float64 reference for ten steps', async () => {
    await fc.assert(
      fc.asyncProperty(sizes(1, 70), numbers, async (n, random) => {
        const param = random.normal(n);
        const gradients = Array.from({ length: 10 }, () => random.normal(n));
        const before = tf.memory().numTensors;
        const state = { param: tensor(param, n), first: tf.zeros([n]), second: tf.zeros([n]) };
        gradients.forEach((g, t) => {
          const gradient = tensor(g, n);
          adamwUpdate({ ...state, gradient }, { ...settingsOf, step: t + 1 });
          gradient.dispose();
        });
        const due = reference(param, gradients);
        expect(distance(await state.param.data(), due.p)).toBeLessThan(1e-6);
        expect(distance(await state.first.data(), due.m)).toBeLessThan(1e-6);
        expect(distance(await state.second.data(), due.v)).toBeLessThan(1e-6);
        tf.dispose(state);
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: runs(name, 10) },
    );
  });

  it('scales the gradient as a scaled copy would', async () => {
    const random = [0.5, -3, 2, 0.25, 7];
    const states = [
      tensor(random, 5),
      tensor(
        random.map((g) => g * 0.125),
        5,
      ),
    ].map((gradient) => ({
      param: tensor([1, 2, 3, 4, 5], 5),
      gradient,
      first: tf.zeros([5]),
      second: tf.zeros([5]),
    }));
    for (let step = 1; step <= 3; step++) {
      adamwUpdate(states[0]!, { ...settingsOf, step, gradientScale: 0.125 });
      adamwUpdate(states[1]!, { ...settingsOf, step });
    }
    for (const name of ['param', 'first', 'second'] as const)
      expect(distance(await states[0]![name].data(), [...(await states[1]![name].data())])).toBeLessThan(1e-6);
    tf.dispose(states);
  });

  it('is seen by every read, also after an earlier one', async () => {
    const state = { param: tensor([1, 2], 2), gradient: tf.ones([2]), first: tf.zeros([2]), second: tf.zeros([2]) };
    const seen: number[] = [];
    for (let step = 1; step <= 3; step++) {
      adamwUpdate(state, { ...settingsOf, step });
      seen.push((await state.param.data())[0]!);
    }
    expect(new Set(seen).size).toBe(3);
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    tf.dispose(state);
  });

  it('leaves clones and views of the old values alone', async () => {
    const param = tensor([1, 2, 3, 4], 4);
    const [clone, view] = [param.clone(), tf.reshape(param, [2, 2])];
    const state = { param, gradient: tf.ones([4]), first: tf.zeros([4]), second: tf.zeros([4]) };
    adamwUpdate(state, { ...settingsOf, step: 1 });
    expect(await values(clone)).toEqual([1, 2, 3, 4]);
    expect(await values(view)).toEqual([1, 2, 3, 4]);
    expect((await param.data())[0]).toBeLessThan(1);
    tf.dispose(state);
  });
});

describe('adamwUpdate: errors', () => {
  it('names what is out of range', () => {
    const state = { param: tf.zeros([2]), gradient: tf.zeros([2]), first: tf.zeros([2]), second: tf.zeros([2]) };
    expect(() => adamwUpdate(state, { ...settingsOf, step: 0 })).toThrow('adamwUpdate: step must be ≥ 1, got 0');
    expect(() => adamwUpdate(state, { ...settingsOf, step: 1, beta1: 1 })).toThrow(
      'adamwUpdate: beta1 must lie in [0, 1), got 1',
    );
    expect(() => adamwUpdate({ ...state, first: tf.zeros([3]) }, { ...settingsOf, step: 1 })).toThrow(
      'adamwUpdate: first must have shape [2], got [3]',
    );
  });
});
