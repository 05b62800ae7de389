/** A tensor as plain data: what a batch is made of, and what can be written to disk. */
export interface TensorData<Data extends Int32Array | Float32Array = Int32Array | Float32Array> {
  /** The numbers, row by row. */
  readonly data: Data;
  readonly shape: readonly number[];
}
