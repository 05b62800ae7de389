import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { addDecayedWeights } from './add-decayed-weights.ts';

describe('addDecayedWeights', () => {
  it('adds λθ where asked to, and drops a norm that is no longer true', () => {
    const link = addDecayedWeights(0.5, { decays: (name) => name === 'a' });
    const gradients = { a: tf.scalar(1), b: tf.scalar(1) };
    const params = { a: tf.scalar(4), b: tf.scalar(4) };
    const updated = link.update({ gradients, gradientNorm: 2, params, state: {}, step: 0 });
    expect([updated.gradients.a!.dataSync()[0], updated.gradients.b!.dataSync()[0]]).toEqual([3, 1]);
    expect(updated.gradientNorm).toBeUndefined();
  });

  it('decays the weights at their own scale, whatever the gradients are scaled by', () => {
    const [gradients, params] = [{ w: tf.scalar(10) }, { w: tf.scalar(4) }];
    const updated = addDecayedWeights(0.5).update({ gradients, gradientScale: 0.1, params, state: {}, step: 0 });
    expect([updated.gradients.w!.dataSync()[0], updated.gradientScale]).toEqual([3, undefined]);
  });

  it('refuses a negative decay', () => {
    expect(() => addDecayedWeights(-1)).toThrow('addDecayedWeights: weightDecay must be finite and ≥ 0, got -1');
  });
});
