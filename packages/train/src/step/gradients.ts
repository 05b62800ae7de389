import { reverseMode, type Scalar, type Tensor, tf } from '@svo/tensor';
import { disposeTensors } from '../params.ts';
import type { Params } from '../types.ts';

/** A loss, with any metrics beside it: scalars on the device or numbers. */
export type LossResult = Scalar | Tensor | ({ readonly loss: Tensor } & Readonly<Record<string, Tensor | number>>);

/** Everything here is the caller's to dispose, metrics included. */
export interface LossAndGradients {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor | number>>;
  /** Only parameters the loss depends on have an entry. */
  readonly gradients: Params;
}

/**
 * Value, metrics and gradients of `loss` by reverse mode, with respect to `params`. A parameter the loss does not depend on
 * has no gradient (`valueAndGrads` gives zeros, which an optimizer would decay by; tfjs throws): alternating networks and frozen layers need
 * no special case. What comes back is the caller's to dispose.
 * @param caller whose loss it is, for messages
 * @throws RangeError when the loss or a metric is no scalar, or there is no loss
 * @example
 * ```ts
 * import { tf } from '@svo/tensor';
 * import { lossAndGradients } from '@svo/train';
 * const params = { w: tf.scalar(3), unused: tf.scalar(1) };
 * const { gradients } = lossAndGradients('example', params, () => tf.square(params.w));
 * Object.entries(gradients).map(([name, gradient]) => [name, gradient.dataSync()[0]]); // => [['w', 6]]
 * ```
 */
export function lossAndGradients(caller: string, params: Params, loss: () => LossResult): LossAndGradients {
  let metrics: Record<string, Tensor | number> = {};
  const names = Object.keys(params);
  const inputs = Object.values(params);
  const run = (): Tensor => {
    const result = loss();
    if (result instanceof tf.Tensor) return scalar(caller, result);
    if (!((result as { loss?: unknown } | undefined)?.loss instanceof tf.Tensor)) throw noLoss(caller, result);
    const { loss: value, ...rest } = result;
    // The tape's scope ends before the caller sees the metrics, so they must outlive it.
    metrics = keepMetrics(caller, rest);
    return scalar(caller, value);
  };
  let walked: ReturnType<typeof reverseMode>;
  try {
    walked = reverseMode(run, inputs);
  } catch (error) {
    disposeTensors(metrics);
    throw error;
  }
  const { value, gradients } = walked;
  const entries = names.map((name, i) => [name, gradients[i]] as const).filter(([, gradient]) => gradient);
  return { loss: value, metrics, gradients: Object.fromEntries(entries) as Params };
}

/** What the loss returned beside its value, out of reach of the tape's scope. */
function keepMetrics(
  caller: string,
  metrics: Readonly<Record<string, Tensor | number>>,
): Record<string, Tensor | number> {
  const wrong = Object.entries(metrics).find(([, metric]) => typeof metric !== 'number' && metric.size !== 1);
  if (wrong)
    throw new RangeError(
      `${caller}: the metric ${wrong[0]} must be a number or a scalar, got shape [${(wrong[1] as Tensor).shape.join(', ')}] (take its mean)`,
    );
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      typeof metric === 'number' ? metric : tf.keep(tf.clone(metric)),
    ]),
  );
}

function noLoss(caller: string, result: unknown): RangeError {
  const got = result instanceof Promise ? 'a promise (a loss is computed at once)' : typeof result;
  const named =
    typeof result === 'object' && result !== null && !(result instanceof Promise) ? Object.keys(result) : [];
  const found = named.length > 0 ? `a record of ${named.slice(0, 8).join(', ')}` : got;
  return new RangeError(`${caller}: the loss function must return a scalar tensor or { loss, … }, got ${found}`);
}

function scalar(caller: string, loss: Tensor): Tensor {
  if (loss.size === 1) return loss.rank === 0 ? loss : tf.reshape(loss, []);
  throw new RangeError(`${caller}: the loss must be a scalar, got shape [${loss.shape.join(', ')}] (take its mean)`);
}
