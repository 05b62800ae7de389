/** A batch on the device, and which of its rows the loss wants to know about. */
import { type Params, type Tensor, tf, upload } from '@svo/tensor';
import type { DeviceBatch, LossContext, LossFunction } from '@svo/train';
import { type Slots, withSlots } from '../model/token-logps.ts';

/** One micro-batch before its log-probs are there. */
export interface Uploads<B> {
  readonly batch: DeviceBatch<B>;
  readonly context: LossContext<B>;
  readonly slots: Slots;
  /** Where each of `rows` belongs. */
  readonly places: readonly { readonly field: string; readonly row: number }[];
  /** What goes to the server. */
  readonly rows: readonly Int32Array[];
  readonly made: Readonly<Record<string, Tensor>>;
}

interface Grid {
  readonly data: Int32Array;
  readonly shape: readonly number[];
}

/**
 * Runs a loss with log-probs of 0 to see what it asks about: rows are sent up to the last token that is asked for, and not
 * beyond their length.
 */
export function uploads<B extends object>(
  params: Params,
  loss: LossFunction<B>,
  host: B,
  context: LossContext<B>,
): Uploads<B> {
  const made: Readonly<Record<string, Tensor>> = upload(host as never);
  try {
    const grids = Object.entries(made).filter(([, tensor]) => tensor.rank === 2 && tensor.dtype === 'int32');
    const slots: Slots = { names: new Map(grids.map(([name, tensor]) => [tensor, name])), asked: new Map() };
    const batch = { ...host, ...made } as DeviceBatch<B>;
    tf.tidy(() => {
      loss(withSlots(params, slots), batch, context);
      return [];
    });
    const places: { field: string; row: number }[] = [];
    const rows: Int32Array[] = [];
    for (const [field, ends] of slots.asked) {
      const { data, shape } = (host as Readonly<Record<string, Grid>>)[field]!;
      const width = shape[1]!;
      const lengths = field === 'ids' ? (host as { readonly lengths?: readonly number[] }).lengths : undefined;
      for (const [row, end] of ends.entries()) {
        const length = Math.min(end, lengths?.[row] ?? width);
        // Nothing predicts a first token.
        if (length < 2) continue;
        places.push({ field, row });
        rows.push(data.slice(row * width, row * width + length));
      }
    }
    if (rows.length === 0)
      throw new RangeError(
        'tinkerStep: the loss must ask model.tokenLogps(params, batch.ids) about some token, and asked about none',
      );
    return { batch, context, slots, places, rows, made };
  } catch (error) {
    tf.dispose(Object.values(made));
    throw error;
  }
}
