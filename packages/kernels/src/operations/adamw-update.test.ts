import { tf } from '@svo/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, settings, tensor } from '../testing/backends.ts';
import { numbers, sizes } from '../testing/random.ts';
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

describe.each(settings)('adamwUpdate: $name', ({ start }) => {
  beforeAll(start);

  it('follows the float64 reference for ten steps', () => {
    fc.assert(
      fc.property(sizes(1, 70), numbers, (n, random) => {
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
        expect(distance(state.param.dataSync(), due.p)).toBeLessThan(1e-6);
        expect(distance(state.first.dataSync(), due.m)).toBeLessThan(1e-6);
        expect(distance(state.second.dataSync(), due.v)).toBeLessThan(1e-6);
        tf.dispose(state);
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: 10 },
    );
  });

  it('leaves clones and views of the old values alone', () => {
    tf.tidy(() => {
      const param = tensor([1, 2, 3, 4], 4);
      const clone = param.clone();
      const view = param.reshape([2, 2]);
      const state = { param, gradient: tf.ones([4]), first: tf.zeros([4]), second: tf.zeros([4]) };
      adamwUpdate(state, { ...settingsOf, step: 1 });
      expect(Array.from(clone.dataSync())).toEqual([1, 2, 3, 4]);
      expect(Array.from(view.dataSync())).toEqual([1, 2, 3, 4]);
      expect(param.dataSync()[0]).toBeLessThan(1);
    });
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
