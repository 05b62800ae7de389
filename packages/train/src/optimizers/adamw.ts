import { adamwUpdate } from '@svo/kernels';
import { assertOptions } from '@svo/mdp';
import { tf } from '@svo/tensor';
import type { Params, Slots } from '../types.ts';
import type { Optimizer } from './optimizer.ts';
import { constant, type Schedule } from './schedules.ts';

/** Defaults are torch's. */
export interface AdamwOptions {
  /** A number, or a schedule. */
  readonly learningRate: number | Schedule;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Which parameters decay; all of them by default. Norms and biases are usually left out: `(name) => !/norm|bias/.test(name)`. */
  readonly decays?: (name: string) => boolean;
}

/**
 * AdamW (Loshchilov & Hutter, arXiv 1711.05101, Algorithm 2) with torch.optim.AdamW's exact order of operations:
 *
 * θ ← θ − η·λ·θ;  m ← m + (g − m)(1 − β₁);  v ← β₂·v + (1 − β₂)·g²;  θ ← θ − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 *
 * Moments and the count t are kept by parameter name, t counts the updates of that parameter: one that got no gradient in
 * a step (frozen, or another network's turn) is not touched, and one that appears later starts its own count.
 * @param options `learningRate` η; `beta1` 0.9, `beta2` 0.999, `epsilon` 1e-8, `weightDecay` λ 0.01
 * @throws RangeError when an option lies outside its range.
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { adamw } from '@svo/train';
 * const optimizer = adamw({ learningRate: 0.1, weightDecay: 0 });
 * const params = { w: tf.tensor1d([1]) };
 * const updated = optimizer.update({ gradients: { w: tf.tensor1d([5]) }, params, state: optimizer.init(params), step: 0 });
 * Number((await updated.params.w!.data())[0]!.toFixed(4)); // => 0.9
 * ```
 */
export function adamw(options: AdamwOptions): Optimizer {
  assertOptions('adamw', options, ['learningRate', 'beta1', 'beta2', 'epsilon', 'weightDecay', 'decays']);
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, decays = () => true } = options;
  assertIn('beta1', beta1, beta1 >= 0 && beta1 < 1, 'in [0, 1)');
  assertIn('beta2', beta2, beta2 >= 0 && beta2 < 1, 'in [0, 1)');
  assertIn('epsilon', epsilon, epsilon >= 0, '≥ 0');
  assertIn('weightDecay', weightDecay, weightDecay >= 0, '≥ 0');
  const rateAt = scheduleOf('adamw', options.learningRate);
  return {
    name: 'adamw',
    // Moments appear with a parameter's first gradient: frozen ones cost no memory.
    init: () => ({ counts: {}, first: {}, second: {} }),
    update: ({ gradients, gradientScale = 1, params, state, step }) => {
      const slots = state as { counts: Readonly<Record<string, number>>; first: Params; second: Params };
      const learningRate = rateAt(step);
      const next = { counts: { ...slots.counts }, first: { ...slots.first }, second: { ...slots.second } };
      for (const [name, gradient] of Object.entries(gradients)) {
        next.counts[name] = (next.counts[name] ?? 0) + 1;
        next.first[name] ??= tf.zerosLike(gradient);
        next.second[name] ??= tf.zerosLike(gradient);
        // The tensors stay the same ones and take the new values, in place where the backend can.
        adamwUpdate(
          { param: params[name]!, gradient, first: next.first[name], second: next.second[name] },
          {
            learningRate,
            beta1,
            beta2,
            epsilon,
            weightDecay: decays(name) ? weightDecay : 0,
            step: next.counts[name],
            gradientScale,
          },
        );
      }
      return { gradients, params, state: next satisfies Slots, metrics: { learning_rate: learningRate } };
    },
  };
}

/** A number becomes a constant schedule; either way the rate is checked when it is used. */
export function scheduleOf(owner: string, rate: number | Schedule): Schedule {
  const schedule = typeof rate === 'number' ? constant(rate) : rate;
  return (step) => {
    const value = schedule(step);
    if (!(value >= 0 && Number.isFinite(value)))
      throw new RangeError(`${owner}: learningRate must be finite and ≥ 0, got ${value} at step ${step}`);
    return value;
  };
}

function assertIn(argument: string, value: number, holds: boolean, range: string): void {
  if (!holds) throw new RangeError(`adamw: ${argument} must be ${range}, got ${value}`);
}
