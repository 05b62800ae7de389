/** Log-probs of the tokens a batch writes: computed where the logits are, by the operation that training uses, read when all is done. */
import { embedding, targetLogps } from '@svo/kernels';
import { type Tensor, tf } from '@svo/tensor';

/** A token's row, and where its logits lie. The token is the last of the row's ids. */
type Written<Row> = readonly (readonly [row: Row, place: number])[];

/** Collects, step by step, what the rows of a batch have just written. */
export const logpsOfWritten = <Row extends { readonly ids: readonly number[] }>(): {
  /** Notes the last token of each row, by logits `[n, V]`. */
  readonly keep: (logits: Tensor, written: Written<Row>) => void;
  /** Each row's log-probs in the order it wrote them. */
  readonly read: () => Promise<ReadonlyMap<Row, readonly number[]>>;
  readonly dispose: () => void;
} => {
  const steps: { readonly logps: Tensor; readonly owners: ReadonlyMap<number, Row> }[] = [];
  const keep = (logits: Tensor, written: Written<Row>): void => {
    if (written.length === 0) return;
    const [rows] = logits.shape as [number];
    // Where several rows go on from the same logits, as samples of one prompt do, each gets a copy.
    const shared = new Set(written.map(([, place]) => place)).size < written.length;
    const owners = new Map(written.map(([row, place], index) => [shared ? index : place, row]));
    const targets = new Int32Array(shared ? written.length : rows);
    for (const [place, { ids }] of owners) targets[place] = ids.at(-1)!;
    const places = Int32Array.from(written, ([, place]) => place);
    const logps = tf.tidy(() =>
      targetLogps(shared ? embedding(logits, tf.tensor1d(places, 'int32')) : logits, tf.tensor1d(targets, 'int32')),
    );
    steps.push({ logps, owners });
  };
  const read = async (): Promise<ReadonlyMap<Row, readonly number[]>> => {
    const all = tf.concat(steps.map(({ logps }) => logps));
    const values = await all.data();
    all.dispose();
    const read = new Map<Row, number[]>();
    let from = 0;
    for (const { logps, owners } of steps) {
      for (const [place, row] of owners) {
        const known = read.get(row);
        if (known) known.push(values[from + place]!);
        else read.set(row, [values[from + place]!]);
      }
      from += logps.size;
    }
    return read;
  };
  return { keep, read, dispose: () => tf.dispose(steps.map(({ logps }) => logps)) };
};
