/** Loss, metrics and gradients of one micro-batch, with the server's log-probs. */
import { type Params, tf } from '@svo/tensor';
import { disposeTensors, type LossFunction, lossAndGradients } from '@svo/train';
import { leafOf, withSlots } from '../model/token-logps.ts';
import type { Uploads } from './uploads.ts';

export interface Measured {
  /** ∂C/∂log p of each row's tokens but the first. */
  readonly gradients: readonly Float32Array[];
  /** ∂C/∂θ of the state's own parameters; those the loss doesn't depend on have none. */
  readonly local: Params;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export async function measure<B extends object>(
  params: Params,
  loss: LossFunction<B>,
  { batch, context, slots, places, rows, made }: Uploads<B>,
  logps: readonly Float32Array[],
): Promise<Measured> {
  const leaves = leavesOf(made, places, rows, logps);
  const all = { ...params, ...leaves };
  let walked: ReturnType<typeof lossAndGradients> | undefined;
  try {
    walked = lossAndGradients('tinkerStep', all, () => loss(withSlots(all, slots), batch, context));
    const grids = new Map<string, Float32Array>();
    for (const field of new Set(places.map((place) => place.field))) {
      const gradient = walked.gradients[leafOf(field)];
      if (gradient) grids.set(field, (await gradient.data()) as Float32Array);
    }
    const metrics: Record<string, number> = {};
    for (const [name, metric] of Object.entries(walked.metrics))
      metrics[name] = typeof metric === 'number' ? metric : (await metric.data())[0]!;
    const [value = Number.NaN] = await walked.loss.data();
    const gradients = places.map(({ field, row }, i) => {
      const width = made[field]!.shape[1]!;
      const [from, length] = [row * width + 1, rows[i]!.length - 1];
      return grids.get(field)?.slice(from, from + length) ?? new Float32Array(length);
    });
    const local = Object.fromEntries(Object.entries(walked.gradients).filter(([name]) => name in params)) as Params;
    disposeTensors([walked.loss, walked.metrics, walked.gradients], local);
    walked = undefined;
    return { gradients, local, loss: value, metrics };
  } finally {
    disposeTensors([leaves, walked]);
  }
}

/** Each field's log-probs [B, T], 0 where nobody asked. */
function leavesOf(
  made: Uploads<object>['made'],
  places: Uploads<object>['places'],
  rows: readonly Int32Array[],
  logps: readonly Float32Array[],
): Params {
  const grids = new Map<string, Float32Array>();
  for (const [i, { field, row }] of places.entries()) {
    const { size, shape } = made[field]!;
    const grid = grids.get(field) ?? new Float32Array(size);
    grid.set(logps[i]!.subarray(0, rows[i]!.length - 1), row * shape[1]! + 1);
    grids.set(field, grid);
  }
  return Object.fromEntries(
    [...grids].map(([field, grid]) => [leafOf(field), tf.tensor(grid, made[field]!.shape)]),
  ) as Params;
}
