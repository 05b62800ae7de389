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
 * no special case.
 */
export function lossAndGradients(params: Params, loss: () => LossResult): LossAndGradients {
  let metrics: Record<string, Tensor | number> = {};
  const names = Object.keys(params);
  const inputs = Object.values(params);
  const run = (): Tensor => {
    const result = loss();
    if (result instanceof tf.Tensor) return scalar(result);
    const { loss: value, ...rest } = result;
    // The tape's scope ends before the caller sees the metrics, so they must outlive it.
    metrics = keepMetrics(rest);
    return scalar(value);
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
function keepMetrics(metrics: Readonly<Record<string, Tensor | number>>): Record<string, Tensor | number> {
  const wrong = Object.entries(metrics).find(([, metric]) => typeof metric !== 'number' && metric.size !== 1);
  if (wrong)
    throw new RangeError(
      `trainStep: the metric ${wrong[0]} must be a number or a scalar, got shape [${(wrong[1] as Tensor).shape.join(', ')}] (take its mean)`,
    );
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      typeof metric === 'number' ? metric : tf.keep(tf.clone(metric)),
    ]),
  );
}

function scalar(loss: Tensor): Tensor {
  if (loss.size === 1) return loss.rank === 0 ? loss : tf.reshape(loss, []);
  throw new RangeError(`trainStep: the loss must be a scalar, got shape [${loss.shape.join(', ')}] (take its mean)`);
}
