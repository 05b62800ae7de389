import { detach, isRecording, peek, saveOnTape } from '../backend/internals.ts';
import { customGradient } from '../gradients/custom-gradient.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import type { Arithmetic } from './arithmetic.ts';
import { computeOnHost } from './compute-on-host.ts';
import { deviceArithmetic } from './device-arithmetic.ts';
import { mapValues } from './host-values.ts';
import { runsOnHost } from './placement.ts';

/** A scalar, and its partial derivatives in closed form. */
export interface Differentiable<A, G extends string> {
  readonly value: A;
  readonly gradients: () => Readonly<Record<G, A>>;
}

/** A formula written once for any arithmetic: named inputs → a scalar with its gradients. */
export type Formula<K extends string, G extends K> = <A>(
  math: Arithmetic<A>,
  x: Readonly<Record<K, A>>,
) => Differentiable<A, G>;

/**
 * Runs a formula as one differentiable operation. Only the inputs named in `trained` carry gradient; the others enter as
 * numbers and cannot. On cpu, wasm and tensorflow the formula runs in float64 on plain arrays, on a GPU as tensor
 * operations (see `runsOnHost`). First order only: the gradient is a number, not a function to be differentiated again.
 *
 * @param inputs - named tensors: vectors [R], matrices [R, C] of one common C
 * @param trained - which of them receive gradient
 * @param formula - value and closed-form gradients
 * @example
 * ```ts
 * import { closedForm, tf } from '@svo/tensor';
 * const half = (x: ReturnType<typeof tf.tensor1d>) =>
 *   closedForm({ x }, ['x'], (math, { x }) => ({
 *     value: math.mul(0.5, math.sum(math.square(x))),
 *     gradients: () => ({ x }),
 *   }));
 * tf.grad(half)(tf.tensor1d([1, 2])).arraySync(); // => [1, 2]
 * ```
 */
export function closedForm<K extends string, G extends K>(
  inputs: Readonly<Record<K, Tensor>>,
  trained: readonly G[],
  formula: Formula<K, G>,
): Scalar {
  const columns = Object.values<Tensor>(inputs).find((tensor) => tensor.rank === 2)?.shape[1] ?? 1;
  if (runsOnHost()) return onHost(inputs, trained, formula, columns);
  // An empty batch never reaches a kernel: some sum nothing to what happened to be in memory.
  if (trained.every((name) => inputs[name].size === 0)) return nothing(pick(inputs, trained));
  return onDevice(inputs, trained, formula, columns);
}

function onHost<K extends string, G extends K>(
  inputs: Readonly<Record<K, Tensor>>,
  trained: readonly G[],
  formula: Formula<K, G>,
  columns: number,
): Scalar {
  // Gradients are computed at once: a second pass over a few thousand numbers costs less than keeping all that lies between.
  const recording = isRecording();
  const { scalar, arrays } = computeOnHost(inputs, columns, (math, x) => {
    const { value, gradients } = formula(math, x);
    if (!recording) return { scalar: value, arrays: [] };
    const byName = gradients();
    return { scalar: value, arrays: trained.map((name) => ({ value: byName[name], shape: inputs[name].shape })) };
  });
  const gradFunc = (dy: Tensor, partials: Tensor[]): Tensor[] =>
    peek(dy)[0] === 1 ? partials.map(detach) : partials.map((partial) => tf.mul(partial, dy));
  const loss = customGradient(pick(inputs, trained), () => ({ value: tf.scalar(scalar), gradFunc })) as Scalar;
  if (recording) saveOnTape(arrays);
  return loss;
}

function onDevice<K extends string, G extends K>(
  inputs: Readonly<Record<K, Tensor>>,
  trained: readonly G[],
  formula: Formula<K, G>,
  columns: number,
): Scalar {
  return customGradient(pick(inputs, trained), (_, save) => {
    const floats = mapValues(inputs, (tensor) => (tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32')));
    const { value, gradients } = formula(deviceArithmetic(columns), floats);
    const byName = gradients();
    save(trained.map((name) => byName[name]));
    return { value, gradFunc: (dy, saved) => saved.map((partial) => tf.mul(partial, dy)) };
  }) as Scalar;
}

/** 0, with nothing to give back. */
function nothing(inputs: readonly Tensor[]): Scalar {
  const zeros = (): Tensor[] => inputs.map((input) => tf.zeros(input.shape));
  return customGradient(inputs, () => ({ value: tf.scalar(0), gradFunc: zeros })) as Scalar;
}

function pick<K extends string>(inputs: Readonly<Record<K, Tensor>>, names: readonly K[]): Tensor[] {
  return names.map((name) => inputs[name]);
}
