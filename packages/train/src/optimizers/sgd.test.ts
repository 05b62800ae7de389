import { describe, expect, it } from 'vitest';
import { distance, golden, replay } from '../test-support/golden-optimizers.ts';
import { addDecayedWeights } from './add-decayed-weights.ts';
import { chain } from './optimizer.ts';
import { sgd } from './sgd.ts';

describe("sgd is torch's SGD for 100 steps within 1e-6", () => {
  it.each([
    ['plain', sgd({ learningRate: 1e-2 }), golden.sgd],
    [
      'with momentum and L2 decay',
      chain(addDecayedWeights(0.1), sgd({ learningRate: 1e-2, momentum: 0.9 })),
      golden.sgdMomentum,
    ],
  ])('%s', async (_, optimizer, recorded) => {
    let compared = 0;
    await replay(optimizer, 100, async (step, params) => {
      if (!recorded[step]) return;
      compared++;
      // Momentum lets values grow beyond 1, so the bound is relative to them.
      const scale = Math.max(1, ...recorded[step].params.weight.map(Math.abs));
      expect(await distance(params, recorded[step].params)).toBeLessThan(1e-6 * scale);
    });
    expect(compared).toBe(3);
  });

  it('refuses a momentum outside [0, 1)', () => {
    expect(() => sgd({ learningRate: 1, momentum: 1 })).toThrow('sgd: momentum must be in [0, 1), got 1');
  });
});
