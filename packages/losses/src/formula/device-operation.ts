import type { Tensor } from '@svo/tensor';

/** What an operation on tensors may need besides its operands: its detail, its shape, the length of a row. */
export interface Place {
  readonly number: number;
  readonly shape: number[];
  readonly columns: number;
}

/** An operation of formulas as tensor operations. A number stands for a scalar that is known. */
export type DeviceOperation = (operands: readonly (Tensor | number)[], place: Place) => Tensor | number;
