import { type Scalar, type Tensor, tf } from '@svo/tensor';
import type { Params } from './types.ts';

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
 * has no gradient, where tfjs's own `valueAndGrads` would throw: alternating networks and frozen layers need no special case.
 */
export function lossAndGradients(params: Params, loss: () => LossResult): LossAndGradients {
  let metrics: Record<string, Tensor | number> = {};
  const names = Object.keys(params);
  const { value, grads } = tf.tidy(() =>
    tf.engine().gradients(
      () => {
        const result = loss();
        if (result instanceof tf.Tensor) return result as Scalar;
        const { loss: scalar, ...rest } = result as { loss: Scalar } & Record<string, Tensor | number>;
        // The tape's scope ends before the caller sees the metrics, so they must outlive it.
        metrics = mapMetrics(rest);
        return scalar;
      },
      names.map((name) => params[name]),
      undefined,
      true,
    ),
  );
  const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]]).filter(([, gradient]) => gradient));
  return { loss: value, metrics, gradients };
}

function mapMetrics(metrics: Record<string, Tensor | number>): Record<string, Tensor | number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      typeof metric === 'number' ? metric : tf.keep(tf.clone(metric)),
    ]),
  );
}
