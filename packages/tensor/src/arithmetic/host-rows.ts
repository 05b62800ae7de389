import type { Arithmetic } from './arithmetic.ts';
import type { HostValue } from './host-arithmetic.ts';

type RowOperations = 'returns' | 'nextValid' | 'previousValid' | 'carryForward';

/** Recurrences along the rows of a matrix of `columns` columns: one pass each, over what is valid. */
export function hostRows(columns: number): Pick<Arithmetic<HostValue>, RowOperations> {
  return {
    returns(mask, x, decay) {
      const [valid, from] = [mask as Float64Array, x as Float64Array];
      const out = new Float64Array(from.length);
      for (let end = from.length; end > 0; end -= columns) {
        let later = 0;
        for (let i = end - 1; i >= end - columns; i--) {
          if (valid[i] > 0) {
            later = from[i] + decay * later;
            out[i] = later;
          } else out[i] = 0;
        }
      }
      return out;
    },
    nextValid(mask, x) {
      const [valid, from] = [mask as Float64Array, x as Float64Array];
      const out = new Float64Array(from.length);
      for (let end = from.length; end > 0; end -= columns) {
        let next = 0;
        for (let i = end - 1; i >= end - columns; i--) {
          if (valid[i] > 0) {
            out[i] = next;
            next = from[i];
          } else out[i] = 0;
        }
      }
      return out;
    },
    previousValid(mask, x) {
      const [valid, from] = [mask as Float64Array, x as Float64Array];
      const out = new Float64Array(from.length);
      for (let start = 0; start < from.length; start += columns) {
        let previous = 0;
        for (let i = start; i < start + columns; i++) {
          if (valid[i] > 0) {
            out[i] = previous;
            previous = from[i];
          } else out[i] = 0;
        }
      }
      return out;
    },
    carryForward(starts, x) {
      const [begins, from] = [starts as Float64Array, x as Float64Array];
      const out = new Float64Array(from.length);
      for (let start = 0; start < from.length; start += columns) {
        let carried = 0;
        for (let i = start; i < start + columns; i++) {
          if (begins[i] > 0) carried = from[i];
          out[i] = carried;
        }
      }
      return out;
    },
  };
}
