/** A server's log-probs where a loss asks for them: they are there beforehand, as leaves among the loss's parameters. */
import { type Params, type Tensor, tf } from '@svo/tensor';

/** Entries ≥ 0 mark the tokens that are asked for, [B, T]. */
export type Marks = Tensor | { readonly data: ArrayLike<number>; readonly shape: readonly number[] };

/** What a loss may ask about, and what it did. */
export interface Slots {
  /** The batch's own tensors of ids, by their names in it. */
  readonly names: ReadonlyMap<Tensor, string>;
  /** Up to where each row of each was asked about: no token behind it is sent. */
  readonly asked: Map<string, number[]>;
}

/** Beside the parameters, where no walk over their names meets it; a spread takes it along. */
const slotsKey = Symbol('log-probs of a server');

/** The parameter that holds the log-probs of a batch's field. */
export const leafOf = (field: string): string => `server_logps.${field}`;

export function withSlots(params: Params, slots: Slots): Params {
  return Object.assign({ ...params }, { [slotsKey]: slots });
}

/** log p(ids[t] | ids[<t]) of a batch's own ids, [B, T]; 0 where `scored` has nothing. */
export function tokenLogps(params: Params, ids: Tensor, options: { readonly scored?: Marks } = {}): Tensor {
  const slots = (params as { readonly [slotsKey]?: Slots })[slotsKey];
  if (slots === undefined)
    throw new RangeError(
      'tokenLogps: a model on a server has log-probs inside the loss of tinkerStep alone, for the params that this loss is given; elsewhere ask model.logps',
    );
  const field = slots.names.get(ids);
  if (field === undefined)
    throw new RangeError(
      'tokenLogps: ids must be a tensor of the batch itself, since its rows go to the server before the loss is computed; put other ids into the batch',
    );
  const { scored } = options;
  const [rows, width] = ids.shape as [number, number];
  if (scored && (scored.shape[0] !== rows || scored.shape[1] !== width))
    throw new RangeError(`tokenLogps: scored must have the shape of ids [${rows}, ${width}], got [${scored.shape}]`);
  const marks = scored && ('dataSync' in scored ? scored.dataSync() : scored.data);
  note(slots, field, marks, [rows, width]);
  const leaf = params[leafOf(field)] ?? tf.zeros([rows, width]);
  if (!marks) return tf.clone(leaf);
  const mask = Float32Array.from(marks, (mark) => Number(mark >= 0));
  return tf.mul(leaf, tf.tensor2d(mask, [rows, width]));
}

/** Remembers the furthest token that anyone asked about. */
function note(
  slots: Slots,
  field: string,
  marks: ArrayLike<number> | undefined,
  [rows, width]: [number, number],
): void {
  const known = slots.asked.get(field) ?? new Array<number>(rows).fill(0);
  const ends = known.map((before, row) => {
    if (!marks) return width;
    let end = width;
    while (end > before && marks[row * width + end - 1]! < 0) end--;
    return Math.max(before, end);
  });
  slots.asked.set(field, ends);
}
