import { type LossAndMore, type Scalar, type Tensor, tf, valueAndGrads } from '@svo/tensor';
import { cut, padded } from './rows.ts';

/** A loss of log-probs [B, T]: the scalar itself, or `{ loss, …metrics }` of scalars. */
export type LogpLoss = (tokenLogps: Tensor) => Scalar | LossAndMore;

/** A loss's value, its metrics, and its gradient by each row's predicted tokens. */
export interface LossGradient {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gradients: readonly Float32Array[];
}

/**
 * C and ∂C/∂log p, here: the one part of an update that the server knows nothing of.
 * @throws RangeError when the loss is no finite number
 */
export async function lossGradient(
  caller: string,
  logps: readonly Float32Array[],
  lengths: readonly number[],
  width: number,
  loss: LogpLoss,
): Promise<LossGradient> {
  const input = padded(logps, width);
  const made: Tensor[] = [input];
  try {
    const { value, gradients, aux } = valueAndGrads(({ tokenLogps }) => loss(tokenLogps), { tokenLogps: input });
    made.push(value, gradients.tokenLogps, ...Object.values(aux));
    const [[number = Number.NaN], grid] = await Promise.all([value.data(), gradients.tokenLogps.data()]);
    if (!Number.isFinite(number))
      throw new RangeError(`${caller}: the loss must be finite, got ${number}; nothing was sent`);
    const metrics = await Promise.all(
      Object.entries(aux).map(async ([name, metric]) => [name, Number((await metric.data())[0])] as const),
    );
    return { loss: number, metrics: Object.fromEntries(metrics), gradients: cut(grid, width, lengths) };
  } finally {
    tf.dispose(made);
  }
}
