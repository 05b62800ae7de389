/** Loss, metrics and gradients of one micro-batch, with the server's log-probs. */
import { type Params, reverseMode, type Tensor, tf } from '@svo/tensor';
import { disposeTensors, type LossFunction } from '@svo/train';
import { leafOf, withSlots } from '../model/token-logps.ts';
import type { Uploads } from './uploads.ts';

export interface Measured {
  /** ∂C/∂log p of each row's tokens but the first. */
  readonly gradients: readonly Float32Array[];
  /** ∂C/∂θ of the state's own parameters; those the loss doesn't depend on have none. */
  readonly local: Params;
  readonly metrics: Readonly<Record<string, number>>;
}

/** @throws RangeError when the loss is no finite number */
export async function measure<B extends object>(
  params: Params,
  loss: LossFunction<B>,
  { batch, context, slots, places, rows, made }: Uploads<B>,
  logps: readonly Float32Array[],
): Promise<Measured> {
  const leaves = leavesOf(made, places, rows, logps);
  const tensors: Record<string, Tensor> = {};
  const numbers: Record<string, number> = {};
  const all = { ...params, ...leaves };
  const names = Object.keys(all);
  const run = (): Tensor => {
    const result = loss(withSlots(all, slots), batch, context);
    if (result instanceof tf.Tensor) return tf.reshape(result, []);
    for (const [name, value] of Object.entries(result)) {
      if (typeof value === 'number') numbers[name] = value;
      else if (name !== 'loss') tensors[name] = tf.keep(tf.clone(value));
    }
    return tf.reshape(result.loss, []);
  };
  try {
    const { value, gradients } = reverseMode(
      run,
      names.map((name) => all[name]!),
    );
    tensors.loss = value;
    const reached = new Map(names.map((name, i) => [name, gradients[i]] as const));
    const grids = new Map<string, Float32Array>();
    for (const field of new Set(places.map((place) => place.field))) {
      const gradient = reached.get(leafOf(field));
      if (gradient) grids.set(field, (await gradient.data()) as Float32Array);
      gradient?.dispose();
    }
    for (const [name, tensor] of Object.entries(tensors)) numbers[name] = (await tensor.data())[0]!;
    const local = Object.fromEntries(
      Object.keys(params).flatMap((name) => (reached.get(name) ? [[name, reached.get(name)!]] : [])),
    ) as Params;
    if (!Number.isFinite(numbers.loss)) {
      disposeTensors(local);
      throw new RangeError(
        `tinkerStep: the loss must be finite, got ${numbers.loss} at step ${context.step}; nothing was sent`,
      );
    }
    const cut = places.map(({ field, row }, i) => {
      const width = made[field]!.shape[1]!;
      const [from, length] = [row * width + 1, rows[i]!.length - 1];
      return grids.get(field)?.slice(from, from + length) ?? new Float32Array(length);
    });
    return { gradients: cut, local, metrics: numbers };
  } finally {
    disposeTensors([leaves, tensors]);
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
