import { replaceData, type Tensor, tf, unshare } from '@svo/tensor';
import { hasKernel, runKernel } from '../kernel-calls.ts';
import { requireShape } from '../shapes.ts';

/** The tensors of `adamwUpdate`, all of one shape. */
export interface AdamwState {
  /** The parameter; updated. */
  readonly param: Tensor;
  /** Its gradient; read only. */
  readonly gradient: Tensor;
  /** First moment m; updated. Zeros before the first step. */
  readonly first: Tensor;
  /** Second moment v; updated. Zeros before the first step. */
  readonly second: Tensor;
}

/** The settings of `adamwUpdate`. */
export interface AdamwSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 1 for the first update. */
  readonly step: number;
  /** The gradient counts as so many times itself, as after clipping; 1 by default. No scaled copy is made. */
  readonly gradientScale?: number;
}

/**
 * One AdamW step with torch's arithmetic: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", alg. 2.
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← (1 − η·decay)·p − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
 *
 * `param`, `first` and `second` hold the new values afterwards. Where the backend can, that happens in place; a tensor
 * whose data something else still shares (a clone, a reshape, a saved activation) gets fresh data first, so the other
 * one keeps the old values.
 *
 * @param state see `AdamwState`.
 * @param settings see `AdamwSettings`.
 * @throws ShapeError when the four shapes differ; RangeError when step < 1 or a β is outside [0, 1).
 *
 * @example
 * ```ts
 * import { adamwUpdate } from '@svo/kernels';
 * import { tf } from '@svo/tensor';
 * const state = { param: tf.tensor1d([1]), gradient: tf.tensor1d([0.5]), first: tf.zeros([1]), second: tf.zeros([1]) };
 * adamwUpdate(state, { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, step: 1 });
 * state.param.dataSync()[0]!.toFixed(4); // => '0.9000'
 * ```
 */
export function adamwUpdate(state: AdamwState, settings: AdamwSettings): void {
  const { param, gradient, first, second } = state;
  for (const [name, tensor] of Object.entries({ gradient, first, second }))
    requireShape('adamwUpdate', name, tensor, param.shape);
  for (const name of ['beta1', 'beta2'] as const)
    if (!(settings[name] >= 0 && settings[name] < 1))
      throw new RangeError(`adamwUpdate: ${name} must lie in [0, 1), got ${settings[name]}`);
  if (!(settings.step >= 1))
    throw new RangeError(`adamwUpdate: step must be ≥ 1, got ${settings.step} (the first update is step 1)`);
  if (hasKernel('SvoAdamwUpdate')) {
    for (const tensor of [param, first, second]) unshare(tensor);
    runKernel('SvoAdamwUpdate', { param, gradient, first, second }, { gradientScale: 1, ...settings });
  } else composite(state, settings);
}

/** The same with plain tfjs operations, on every backend. */
function composite({ param, gradient, first, second }: AdamwState, settings: AdamwSettings): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale = 1 } = settings;
  tf.tidy(() => {
    const nextFirst = tf.add(tf.mul(first, beta1), tf.mul(gradient, (1 - beta1) * gradientScale));
    const nextSecond = tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), (1 - beta2) * gradientScale ** 2));
    const deviation = tf.add(tf.div(tf.sqrt(nextSecond), Math.sqrt(1 - beta2 ** step)), epsilon);
    const change = tf.mul(tf.div(nextFirst, deviation), learningRate / (1 - beta1 ** step));
    replaceData(param, tf.sub(tf.mul(param, 1 - learningRate * weightDecay), change));
    replaceData(first, nextFirst);
    replaceData(second, nextSecond);
  });
}
