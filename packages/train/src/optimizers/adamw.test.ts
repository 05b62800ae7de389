import { tf } from '@svo/tensor';
import { describe, expect, it } from 'vitest';
import { distance, golden, type Recorded, replay } from '../test-support/golden-optimizers.ts';
import type { Params, Slots } from '../types.ts';
import { adamw } from './adamw.ts';
import { clipByGlobalNorm } from './clip-by-global-norm.ts';
import { chain } from './optimizer.ts';
import { cosine, warmup } from './schedules.ts';

describe("adamw is torch's AdamW for 100 steps within 1e-6", () => {
  const compare = async (
    optimizer: ReturnType<typeof adamw>,
    recorded: Readonly<Record<string, Recorded>>,
    slots: (state: Readonly<Record<string, unknown>>) => Slots,
  ) => {
    let compared = 0;
    await replay(optimizer, 100, async (step, params, state) => {
      const record = recorded[step];
      if (!record) return;
      compared++;
      const { first, second } = slots(state) as { first: Params; second: Params };
      expect(await distance(params, record.params)).toBeLessThan(1e-6);
      expect(await distance(first, record.exp_avg!)).toBeLessThan(1e-6);
      expect(await distance(second, record.exp_avg_sq!)).toBeLessThan(1e-6);
    });
    expect(compared).toBe(3);
  };

  it('with its defaults', () => compare(adamw({ learningRate: 1e-2 }), golden.adamw, (state) => state as Slots));

  it('with other betas, another epsilon, and decay for some parameters only', () =>
    compare(
      adamw({
        learningRate: 3e-3,
        beta1: 0.8,
        beta2: 0.95,
        epsilon: 1e-6,
        weightDecay: 0.1,
        decays: (name) => name !== 'norm',
      }),
      golden.adamwGroups,
      (state) => state as Slots,
    ));

  it("after clip_grad_norm_, under Hugging Face's cosine schedule with warm-up", () =>
    compare(
      chain(
        clipByGlobalNorm(0.5),
        adamw({ learningRate: warmup(10, cosine({ from: 1e-2, steps: 90 })), weightDecay: 0.1 }),
      ),
      golden.adamwClipped,
      (state) => state.adamw as Slots,
    ));
});

describe('adamw', () => {
  it('counts the updates of each parameter by itself', () => {
    const optimizer = adamw({ learningRate: 0.1, weightDecay: 0 });
    const params = { early: tf.tensor1d([1]), late: tf.tensor1d([1]) };
    let state = optimizer.init(params);
    for (const gradients of [{ early: tf.tensor1d([1]) }, { early: tf.tensor1d([1]), late: tf.tensor1d([1]) }])
      ({ state } = optimizer.update({ gradients, params, state, step: 0 }));
    expect(state.counts).toEqual({ early: 2, late: 1 });
    // With a count of its own the first update is a full learning rate, as bias correction promises.
    expect(params.late.dataSync()[0]).toBeCloseTo(0.9, 6);
  });

  it('takes in a parameter it has never seen', () => {
    const optimizer = adamw({ learningRate: 0.1, weightDecay: 0 });
    const params = { added: tf.tensor1d([1]) };
    const { state } = optimizer.update({
      gradients: { added: tf.tensor1d([2]) },
      params,
      state: optimizer.init({}),
      step: 7,
    });
    expect((state.first as Params).added!.dataSync()[0]).toBeCloseTo(0.2, 6);
  });

  it.each([
    [{ learningRate: 1, beta1: 1 }, 'adamw: beta1 must be in [0, 1), got 1'],
    [{ learningRate: 1, beta2: -0.1 }, 'adamw: beta2 must be in [0, 1), got -0.1'],
    [{ learningRate: 1, epsilon: -1 }, 'adamw: epsilon must be ≥ 0, got -1'],
    [{ learningRate: 1, weightDecay: Number.NaN }, 'adamw: weightDecay must be ≥ 0, got NaN'],
  ])('refuses %j', (options, message) => {
    expect(() => adamw(options)).toThrow(message);
  });

  it('refuses a rate that is no rate, when it meets it', () => {
    const optimizer = adamw({ learningRate: (step) => 1 - step });
    const update = (step: number) => optimizer.update({ gradients: {}, params: {}, state: optimizer.init({}), step });
    expect(() => update(1)).not.toThrow();
    expect(() => update(2)).toThrow('adamw: learningRate must be finite and ≥ 0, got -1 at step 2');
  });
});
