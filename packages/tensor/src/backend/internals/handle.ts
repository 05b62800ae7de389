/** A tensor as a kernel sees it: shape and type, with an opaque handle to the data. */
export interface TensorHandle {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
}
